// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One object as its file has it. The tree is not to be changed.
 *
 * @param tree the object
 * @param where file and line, for people
 */
public record Manifest(ObjectNode tree, String where) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Checks that there is a tree and a place. */
  public Manifest {
    Objects.requireNonNull(tree, "tree");
    Objects.requireNonNull(where, "where");
  }

  /**
   * The API group and version.
   *
   * @return such as {@code apps/v1}; empty where there is none
   */
  public String apiVersion() {
    return tree.path("apiVersion").asText();
  }

  /**
   * The kind.
   *
   * @return such as {@code Deployment}; empty where there is none
   */
  public String kind() {
    return tree.path("kind").asText();
  }

  /**
   * Whether it is of that kind: other groups have kinds of the same name.
   *
   * @param apiVersion such as {@code apps/v1}
   * @param kind such as {@code Deployment}
   * @return true if both are its own
   */
  public boolean is(String apiVersion, String kind) {
    return apiVersion().equals(apiVersion) && kind().equals(kind);
  }

  /**
   * The name.
   *
   * @return empty where there is none
   */
  public String name() {
    return tree.path("metadata").path("name").asText();
  }

  /**
   * The namespace, which is {@code default} where the manifest names none and the kind has one.
   *
   * @return empty for what lies in no namespace
   */
  public String namespace() {
    if (!Kinds.isNamespaced(apiVersion(), kind())) {
      return "";
    }
    return tree.path("metadata").path("namespace").asText("default");
  }

  /**
   * An annotation.
   *
   * @param key its whole name
   * @return its value; empty where there is none
   */
  public String annotation(String key) {
    return tree.path("metadata").path("annotations").path(key).asText();
  }

  /**
   * The object's own labels.
   *
   * @return a copy
   */
  public Map<String, String> labels() {
    return texts(tree.path("metadata").path("labels"));
  }

  /**
   * How people call it.
   *
   * @return kind, namespace and name
   */
  public String id() {
    String namespace = namespace();
    return kind() + " " + (namespace.isEmpty() ? "" : namespace + "/") + name();
  }

  /**
   * The object as a type of the Kubernetes API.
   *
   * @param type what it must fit
   * @param <T> that type
   * @return a new object
   * @throws ManifestException if it does not fit
   */
  public <T> T as(Class<T> type) {
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new ManifestException(
          where + ": " + id() + ": not a " + type.getSimpleName() + ": " + e.getOriginalMessage(),
          e);
    }
  }

  /**
   * A map of strings, such as labels.
   *
   * @param node an object or nothing
   * @return a copy, sorted by key
   */
  public static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new TreeMap<>();
    node.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  @Override
  public String toString() {
    return where + ": " + id();
  }
}
