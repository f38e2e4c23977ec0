// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Compares an object with its kind's type, field by field: what the API does not know, what has
 * another type or form there and what is missing is a problem. A server would drop the field, or
 * refuse the object.
 *
 * <p>Not thread-safe.
 */
public final class FieldCheck {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Map<Class<?>, Predicate<JsonNode>> LEAVES =
      Map.of(
          String.class, JsonNode::isTextual,
          Boolean.class, JsonNode::isBoolean,
          Integer.class, JsonNode::isInt,
          Long.class, JsonNode::isIntegralNumber,
          Double.class, JsonNode::isNumber,
          IntOrString.class, node -> node.isInt() || node.isTextual(),
          Quantity.class, node -> node.isNumber() || node.isTextual());

  /** Looking a type's fields up is what takes time. */
  private static final Map<JavaType, Map<String, JavaType>> KNOWN = new ConcurrentHashMap<>();

  private final List<String> problems = new ArrayList<>();

  private FieldCheck() {}

  /**
   * Checks one object.
   *
   * @param manifest the object
   * @return a sentence for each problem; empty if there is none
   */
  public static List<String> problems(Manifest manifest) {
    Optional<Class<?>> type = Kinds.type(manifest.apiVersion(), manifest.kind());
    if (type.isEmpty()) {
      return List.of(
          "the kind " + manifest.kind() + " of " + manifest.apiVersion() + " is not known here");
    }
    FieldCheck check = new FieldCheck();
    check.node(manifest.tree(), MAPPER.constructType(type.get()), "");
    String name = manifest.name();
    if (name.isEmpty()) {
      check.problems.add("metadata.name is missing");
    } else if (!Forms.isName(manifest.kind(), name)) {
      check.problems.add("metadata.name is '" + name + "', which this kind may not be called");
    }
    if (manifest.is("v1", "Service")) {
      check.ports(manifest.tree().path("spec"));
    }
    check.selector(manifest);
    return check.problems;
  }

  /** Only a name for another name, and one for pods alone, need no ports. */
  private void ports(JsonNode spec) {
    JsonNode ports = spec.path("ports");
    boolean isName =
        spec.path("type").asText().equals("ExternalName")
            || spec.path("clusterIP").asText().equals("None");
    if (ports.isEmpty() && !isName) {
      problems.add("spec.ports is missing");
    }
    for (JsonNode port : ports) {
      if (ports.size() > 1 && port.path("name").asText().isEmpty()) {
        problems.add("spec.ports has one without name, which each of several needs: " + port);
      }
    }
  }

  /** A workload must select its own pods. */
  private void selector(Manifest manifest) {
    JsonNode labels = manifest.tree().at("/spec/selector/matchLabels");
    Map<String, String> own =
        PodTemplates.of(manifest)
            .map(pod -> Manifest.texts(pod.path("metadata").path("labels")))
            .orElse(Map.of());
    if (manifest.apiVersion().equals("apps/v1")
        && !own.entrySet().containsAll(Manifest.texts(labels).entrySet())) {
      problems.add("spec.selector " + labels + " does not match its pods' labels " + own);
    }
  }

  private void node(JsonNode node, JavaType type, String path) {
    if (node.isNull()) {
      return;
    }
    Predicate<JsonNode> leaf = LEAVES.get(type.getRawClass());
    if (leaf != null) {
      require(leaf.test(node), node, type, path);
    } else if (type.isMapLikeType()) {
      if (require(node.isObject(), node, type, path)) {
        node.properties()
            .forEach(
                field ->
                    node(field.getValue(), type.getContentType(), child(path, field.getKey())));
      }
    } else if (type.isCollectionLikeType()) {
      if (require(node.isArray(), node, type, path)) {
        for (int i = 0; i < node.size(); i++) {
          node(node.path(i), type.getContentType(), path + "[" + i + "]");
        }
      }
    } else if (isObjectOfTheApi(type)) {
      if (require(node.isObject(), node, type, path)) {
        fields(node, type, path);
      }
    }
    // What is left is free in the API too, such as the config of a plugin.
  }

  private void fields(JsonNode node, JavaType type, String path) {
    ValueRules rules = ValueRules.of(type.getRawClass());
    if (rules != null) {
      rules.problems(node).forEach(problem -> problems.add(child(path, problem)));
    }
    Map<String, JavaType> known = KNOWN.computeIfAbsent(type, FieldCheck::known);
    node.properties()
        .forEach(
            field -> {
              JavaType fieldType = known.get(field.getKey());
              String fieldPath = child(path, field.getKey());
              if (fieldType == null) {
                problems.add(
                    fieldPath
                        + ": unknown field, "
                        + type.getRawClass().getSimpleName()
                        + " has none of that name");
              } else {
                node(field.getValue(), fieldType, fieldPath);
              }
            });
  }

  private static Map<String, JavaType> known(JavaType type) {
    Map<String, JavaType> known = new HashMap<>();
    for (BeanPropertyDefinition property :
        MAPPER.getDeserializationConfig().introspect(type).findProperties()) {
      known.put(property.getName(), property.getPrimaryType());
    }
    return known;
  }

  private boolean require(boolean fits, JsonNode node, JavaType type, String path) {
    if (!fits) {
      problems.add(
          path
              + ": "
              + node
              + ", expected "
              + type.getRawClass().getSimpleName().toLowerCase(Locale.ROOT));
    }
    return fits;
  }

  private static boolean isObjectOfTheApi(JavaType type) {
    Class<?> raw = type.getRawClass();
    // A record of who set which field: its keys are fields' names.
    return raw != FieldsV1.class
        && !raw.isInterface()
        && (raw.getName().startsWith("io.fabric8.kubernetes.api.model.") || raw.isRecord());
  }

  private static String child(String path, String field) {
    return path.isEmpty() ? field : path + "." + field;
  }
}
