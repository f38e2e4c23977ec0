// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The part of JSON Schema (2020-12) that {@code bridge.schema.json} uses, so that the published
 * schema is what the service goes by. Of {@code anyOf} the first alternative counts: the other one
 * is a reference, which is resolved before. A keyword that is not known here is refused, for it
 * would be promised and not kept.
 */
final class Schema {
  private static final Set<String> KNOWN =
      Set.of(
          "$schema",
          "$defs",
          "$ref",
          "title",
          "description",
          "type",
          "additionalProperties",
          "required",
          "properties",
          "items",
          "minItems",
          "minProperties",
          "maxProperties",
          "anyOf",
          "enum",
          "minimum",
          "maximum",
          "minLength",
          "maxLength",
          "pattern",
          "format",
          "writeOnly");

  private final Map<?, ?> root;
  private final Map<?, ?> own;

  private Schema(Map<?, ?> root, Map<?, ?> own) {
    this.root = root;
    this.own = own;
    for (Object keyword : own.keySet()) {
      if (!KNOWN.contains(String.valueOf(keyword))) {
        throw new IllegalStateException("schema: keyword " + keyword + " is not known");
      }
    }
  }

  /** The schema in a resource beside this class. */
  static Schema load(String resource) {
    try (InputStream in = Objects.requireNonNull(Schema.class.getResourceAsStream(resource))) {
      // JSON is YAML.
      Map<?, ?> root = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
      return new Schema(root, root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Schema of(Object node) {
    Map<?, ?> map = (Map<?, ?>) node;
    if (map.get("$ref") instanceof String reference) {
      Map<?, ?> definitions = (Map<?, ?>) Objects.requireNonNull(root.get("$defs"));
      return of(
          Objects.requireNonNull(definitions.get(reference.replace("#/$defs/", "")), reference));
    }
    return map.get("anyOf") instanceof List<?> alternatives
        ? of(Objects.requireNonNull(alternatives.get(0)))
        : new Schema(root, map);
  }

  boolean isMapping() {
    return "object".equals(own.get("type"));
  }

  boolean isSequence() {
    return "array".equals(own.get("type"));
  }

  boolean isSecret() {
    return Boolean.TRUE.equals(own.get("writeOnly"));
  }

  boolean hasEnum() {
    return own.containsKey("enum");
  }

  @Nullable Schema property(String key) {
    Object property = properties().get(key);
    return property == null ? null : of(property);
  }

  List<String> propertyNames() {
    return properties().keySet().stream().map(String::valueOf).toList();
  }

  private Map<?, ?> properties() {
    return own.get("properties") instanceof Map<?, ?> map ? map : Map.of();
  }

  List<String> required() {
    return own.get("required") instanceof List<?> keys
        ? keys.stream().map(String::valueOf).toList()
        : List.of();
  }

  Schema items() {
    return of(Objects.requireNonNull(own.get("items")));
  }

  long minItems() {
    return number("minItems", 0);
  }

  long minProperties() {
    return number("minProperties", 0);
  }

  long maxProperties() {
    return number("maxProperties", Long.MAX_VALUE);
  }

  private long number(String keyword, long otherwise) {
    return own.get(keyword) instanceof Number number ? number.longValue() : otherwise;
  }

  boolean matchesPattern(String text) {
    return own.get("pattern") instanceof String pattern
        ? Pattern.compile(pattern).matcher(text).find()
        : true;
  }

  /**
   * A scalar as the type that this schema wants.
   *
   * @param isText whether it is written as text, and not as a number or true and false
   * @return null if it is not valid
   */
  @Nullable Object parse(String text, boolean isText) {
    if (own.get("enum") instanceof List<?> values) {
      return values.contains(text) ? text : null;
    }
    return switch (String.valueOf(own.get("type"))) {
      case "integer" -> integer(text);
      case "boolean" ->
          (text.equals("true") || text.equals("false")) ? Boolean.valueOf(text) : null;
      default -> (isText && isValid(text)) ? text : null;
    };
  }

  private @Nullable Long integer(String text) {
    try {
      long value = Long.parseLong(text);
      boolean inBounds =
          value >= number("minimum", Long.MIN_VALUE) && value <= number("maximum", Long.MAX_VALUE);
      return inBounds ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private boolean isValid(String text) {
    if ("regex".equals(own.get("format"))) {
      try {
        Pattern unused = Pattern.compile(text);
      } catch (PatternSyntaxException e) {
        return false;
      }
    }
    return text.length() >= number("minLength", 0)
        && text.length() <= number("maxLength", Long.MAX_VALUE)
        && matchesPattern(text);
  }

  /** What a scalar must be, in words. */
  String expected() {
    if (own.get("enum") instanceof List<?> values) {
      List<String> names = values.stream().map(String::valueOf).toList();
      int last = names.size() - 1;
      return String.join(", ", names.subList(0, last)) + " or " + names.get(last);
    }
    return switch (String.valueOf(own.get("type"))) {
      case "integer" ->
          "a whole number, "
              + number("minimum", Long.MIN_VALUE)
              + " to "
              + number("maximum", Long.MAX_VALUE);
      case "boolean" -> "true or false";
      default ->
          ("regex".equals(own.get("format")) ? "a regular expression" : "text")
              + (number("minLength", 0) > 0 ? ", not empty" : "")
              + (own.containsKey("maxLength")
                  ? ", at most " + number("maxLength", 0) + " characters"
                  : "")
              + "; quote what looks like a number";
    };
  }
}
