// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.core.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML document checked against a JSON Schema, with references to variables resolved: all that is
 * wrong with it is told at once, each with its line and none with a secret.
 */
final class CheckedYaml {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\\}");

  private final String file;
  private final UnaryOperator<@Nullable String> variables;
  private final List<String> mistakes = new ArrayList<>();

  /**
   * A check of one document.
   *
   * @param file what to call it in mistakes
   * @param variables the value of a variable, or null
   */
  CheckedYaml(String file, UnaryOperator<@Nullable String> variables) {
    this.file = file;
    this.variables = variables;
  }

  /**
   * The document's root with every value in the type that the schema says.
   *
   * @return a section without values where {@link #mistakes} has some
   */
  Section read(String text, Schema schema) {
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(file).setAllowDuplicateKeys(true).build();
      Optional<Node> root = new Compose(settings).composeString(text);
      Object value = root.isPresent() ? value(root.get(), schema, "") : null;
      if (root.isEmpty()) {
        mistakes.add(file + ": is empty, expected a configuration");
      }
      return value instanceof Section section ? section : Section.NONE;
    } catch (MarkedYamlEngineException e) {
      mistakes.add(at(e.getProblemMark()) + "no YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      mistakes.add(file + ": no YAML: " + e.getMessage());
    }
    return Section.NONE;
  }

  List<String> mistakes() {
    return List.copyOf(mistakes);
  }

  /** Something that no schema can say. */
  void mistake(int line, String what) {
    mistakes.add(file + " line " + line + ": " + what);
  }

  private void mistake(Node node, String path, String what) {
    mistakes.add(at(node.getStartMark()) + (path.isEmpty() ? "" : path + " ") + what);
  }

  private String at(Optional<Mark> mark) {
    return file + mark.map(place -> " line " + (place.getLine() + 1)).orElse("") + ": ";
  }

  private @Nullable Object value(Node node, Schema schema, String path) {
    if (schema.isMapping()) {
      return node instanceof MappingNode mapping
          ? section(mapping, schema, path)
          : wrong(node, path, "expected keys with values");
    }
    if (schema.isSequence()) {
      return node instanceof SequenceNode sequence
          ? list(sequence, schema, path)
          : wrong(node, path, "expected a list");
    }
    return node instanceof ScalarNode scalar
        ? scalar(scalar, schema, path)
        : wrong(node, path, "expected " + schema.expected());
  }

  private @Nullable Object wrong(Node node, String path, String what) {
    mistake(node, path, what);
    return null;
  }

  private Section section(MappingNode node, Schema schema, String path) {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    for (NodeTuple tuple : node.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode name ? name.getValue() : "?";
      String inner = path.isEmpty() ? key : path + "." + key;
      Integer before = lines.putIfAbsent(key, line(tuple.getKeyNode()));
      Schema of = schema.property(key);
      if (before != null) {
        mistake(tuple.getKeyNode(), inner, "is there twice, first in line " + before);
      } else if (of == null) {
        mistake(tuple.getKeyNode(), inner, "is unknown, expected one of " + schema.propertyNames());
      } else {
        Object value = value(tuple.getValueNode(), of, inner);
        if (value != null) {
          values.put(key, value);
        }
      }
    }
    schema.required().stream()
        .filter(key -> !lines.containsKey(key))
        .forEach(key -> mistake(node, path, "lacks " + key));
    if (lines.size() < schema.minProperties() || lines.size() > schema.maxProperties()) {
      mistake(
          node,
          path,
          "has " + lines.keySet() + ", expected exactly one of " + schema.propertyNames());
    }
    return new Section(line(node), values);
  }

  private List<Object> list(SequenceNode node, Schema schema, String path) {
    if (node.getValue().size() < schema.minItems()) {
      mistake(node, path, "has too few entries, expected at least " + schema.minItems());
    }
    List<Object> values = new ArrayList<>();
    for (Node item : node.getValue()) {
      Object value = value(item, schema.items(), path + "[" + values.size() + "]");
      if (value != null) {
        values.add(value);
      }
    }
    return List.copyOf(values);
  }

  private @Nullable Object scalar(ScalarNode node, Schema schema, String path) {
    String raw = node.getValue();
    if (schema.isSecret() && !schema.matchesPattern(raw)) {
      return wrong(
          node,
          path,
          "is a secret and must not be in the file, expected a reference such"
              + " as ${RABBIT_PASS}");
    }
    String text = resolved(node, path);
    if (text == null) {
      return null;
    }
    if (schema.isSecret()) {
      return text.isEmpty() ? null : Secret.of(text);
    }
    boolean isPlainText =
        !raw.equals(text) || node.getTag().getValue().endsWith(":str") || schema.hasEnum();
    Object value = schema.parse(text, isPlainText);
    return value == null
        ? wrong(node, path, "is '" + text + "', expected " + schema.expected())
        : value;
  }

  private @Nullable String resolved(ScalarNode node, String path) {
    Matcher reference = REFERENCE.matcher(node.getValue());
    StringBuilder text = new StringBuilder();
    boolean complete = true;
    while (reference.find()) {
      String value = variables.apply(reference.group(1));
      String chosen = value == null || value.isEmpty() ? reference.group(2) : value;
      if (chosen == null) {
        mistake(node, path, "needs the variable " + reference.group(1) + ", which is not set");
        complete = false;
      } else {
        reference.appendReplacement(text, Matcher.quoteReplacement(chosen));
      }
    }
    return complete ? reference.appendTail(text).toString() : null;
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }
}
