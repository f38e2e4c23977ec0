// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads manifests from files. */
public final class Manifests {
  private Manifests() {}

  /**
   * Reads a file, or all {@code .yaml}, {@code .yml} and {@code .json} files under a folder. Items
   * of a {@code List} are objects of their own. Files of Kustomize itself are passed over.
   *
   * @param path a file or a folder
   * @return the objects, by file name
   * @throws ManifestException if there is nothing to read, or something that is no manifest
   */
  public static List<Manifest> read(Path path) {
    List<Manifest> manifests = new ArrayList<>();
    for (Path file : files(path)) {
      String name = file.equals(path) ? file.toString() : path.relativize(file).toString();
      manifests.addAll(parse(name, text(file)));
    }
    if (manifests.isEmpty()) {
      throw new ManifestException(path + ": no manifests here, expected .yaml files with objects");
    }
    return manifests;
  }

  /**
   * Reads text.
   *
   * @param name what messages call it
   * @param text YAML or JSON
   * @return the objects in order
   * @throws ManifestException if something in it is no manifest
   */
  public static List<Manifest> parse(String name, String text) {
    List<Manifest> manifests = new ArrayList<>();
    for (YamlReader.Document document : YamlReader.read(name, text)) {
      add(manifests, document.tree(), name + ":" + document.line());
    }
    return manifests;
  }

  /**
   * Reads a YAML document that is no manifest.
   *
   * @param name what messages call it
   * @param text YAML or JSON with one document
   * @return its tree
   * @throws ManifestException if it is not one document
   */
  public static JsonNode tree(String name, String text) {
    List<YamlReader.Document> documents = YamlReader.read(name, text);
    if (documents.size() != 1) {
      throw new ManifestException(name + ": " + documents.size() + " documents, expected one");
    }
    return documents.get(0).tree();
  }

  private static void add(List<Manifest> manifests, JsonNode tree, String where) {
    if (!(tree instanceof ObjectNode object)
        || !object.path("kind").isTextual()
        || !object.path("apiVersion").isTextual()) {
      throw new ManifestException(where + ": an object without apiVersion and kind");
    }
    String kind = object.path("kind").asText();
    if (kind.endsWith("List") && object.path("items").isArray()) {
      object.path("items").forEach(item -> add(manifests, item, where));
    } else if (!object.path("apiVersion").asText().startsWith("kustomize.config.k8s.io/")) {
      refuseEmptyItems(object, where);
      manifests.add(new Manifest(object, where));
    }
  }

  /**
   * To an API server an empty field is none. An empty item would be one that matches everything.
   */
  private static void refuseEmptyItems(JsonNode node, String where) {
    if (node instanceof ObjectNode object) {
      object.properties().removeIf(field -> field.getValue().isNull());
    }
    for (JsonNode child : node) {
      if (child.isNull()) {
        throw new ManifestException(where + ": an empty item in a list: write {} or take it out");
      }
      refuseEmptyItems(child, where);
    }
  }

  private static List<Path> files(Path path) {
    if (Files.isRegularFile(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.walk(path)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().matches(".*\\.(yaml|yml|json)"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new ManifestException(path + ": cannot be read: " + e, e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new ManifestException(file + ": cannot be read: " + e, e);
    }
  }
}
