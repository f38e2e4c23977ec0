// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * YAML documents as JSON trees, without the surprises: a key twice is a mistake, and so is a plain
 * word that YAML 1.1, which kubectl reads, takes for something else than YAML 1.2 does ({@code
 * off}, {@code 010}).
 */
final class YamlReader {
  private static final int MAX_DEPTH = 100;
  private static final Pattern AMBIGUOUS =
      Pattern.compile(
          "(?i:y|n|yes|no|on|off)|[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*_[0-9_.]*|0b[01_]+|0o[0-7]+");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** A document and the line at which it begins. */
  record Document(JsonNode tree, int line) {}

  private final String file;

  private YamlReader(String file) {
    this.file = file;
  }

  /** Reads all documents; empty ones are left out. */
  static List<Document> read(String file, String text) {
    YamlReader reader = new YamlReader(file);
    List<Document> documents = new ArrayList<>();
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file).setUseMarks(true).build();
      for (Node node : new Compose(settings).composeAllFromString(text)) {
        JsonNode tree = reader.json(node, 0);
        if (!tree.isNull()) {
          documents.add(new Document(tree, line(node)));
        }
      }
    } catch (YamlEngineException e) {
      throw new ManifestException(file + ": not YAML: " + e.getMessage(), e);
    }
    return documents;
  }

  private JsonNode json(Node node, int depth) {
    if (depth > MAX_DEPTH) {
      throw mistake(node, "nested deeper than " + MAX_DEPTH);
    }
    if (node instanceof MappingNode mapping) {
      return object(mapping, depth);
    }
    if (node instanceof SequenceNode sequence) {
      ArrayNode array = JSON.arrayNode();
      sequence.getValue().forEach(item -> array.add(json(item, depth + 1)));
      return array;
    }
    return scalar((ScalarNode) node);
  }

  private ObjectNode object(MappingNode mapping, int depth) {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw mistake(tuple.getKeyNode(), "a key that is not a word");
      }
      if (key.getValue().equals("<<")) {
        throw mistake(key, "merge keys are not read: write the fields out");
      }
      if (object.has(key.getValue())) {
        throw mistake(key, "'" + key.getValue() + "' stands here twice");
      }
      object.set(key.getValue(), json(tuple.getValueNode(), depth + 1));
    }
    return object;
  }

  private JsonNode scalar(ScalarNode node) {
    String text = node.getValue();
    boolean plain = node.getScalarStyle() == ScalarStyle.PLAIN;
    if (plain && AMBIGUOUS.matcher(text).matches()) {
      throw mistake(
          node,
          "'"
              + text
              + "' means different things to different readers: quote a word, write a number in"
              + " decimal");
    }
    Tag tag = node.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(text.equalsIgnoreCase("true"));
    }
    try {
      if (tag.equals(Tag.INT)) {
        BigInteger number = new BigInteger(text);
        return number.bitLength() < Integer.SIZE
            ? JSON.numberNode(number.intValue())
            : JSON.numberNode(number);
      }
      if (tag.equals(Tag.FLOAT)) {
        return JSON.numberNode(new BigDecimal(text));
      }
    } catch (NumberFormatException e) {
      throw mistake(node, "'" + text + "' is a number in a form that is not read: quote it");
    }
    return JSON.textNode(text);
  }

  private ManifestException mistake(Node node, String what) {
    return new ManifestException(file + ":" + line(node) + ": " + what);
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }
}
