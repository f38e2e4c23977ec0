// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an API server asks of the fields of one type, beyond their own types: {@code
 * api-rules.yaml}.
 */
final class ValueRules {
  private static final String EXACTLY_ONE = "exactly one";
  private static final String AT_MOST_ONE = "at most one";
  private static final Map<String, ValueRules> BY_TYPE = load();

  /**
   * What is asked of one field.
   *
   * @param isRequired whether it must be there
   * @param uniqueBy by which fields the items of a list are told apart; empty for no list of those
   * @param words the form of its value, a range, or its possible values; empty for any
   */
  private record FieldRule(boolean isRequired, List<String> uniqueBy, List<String> words) {}

  private final Map<String, FieldRule> fields = new TreeMap<>();
  private final Map<String, Set<String>> together = new TreeMap<>();

  private ValueRules() {}

  /** The rules for a type of the API; null if it has none. */
  static @Nullable ValueRules of(Class<?> type) {
    return BY_TYPE.get(type.getSimpleName());
  }

  /** All types that have rules, with the fields that are named there. */
  static Map<String, Set<String>> named() {
    Map<String, Set<String>> named = new TreeMap<>();
    BY_TYPE.forEach(
        (type, rules) -> {
          Set<String> names = new HashSet<>(rules.fields.keySet());
          rules.together.values().forEach(names::addAll);
          named.put(type, names);
        });
    return named;
  }

  /** A sentence for each breach in an object of that type. */
  List<String> problems(JsonNode object) {
    List<String> problems = new ArrayList<>();
    fields.forEach(
        (name, rule) -> {
          JsonNode value = object.path(name);
          if (isAbsent(value)) {
            if (rule.isRequired()) {
              problems.add(name + " is missing");
            }
            return;
          }
          if (rule.isRequired() && value.isArray() && value.isEmpty()) {
            problems.add(name + " is empty");
          }
          for (JsonNode item : value.isArray() ? value : List.of(value)) {
            String expected = Forms.expected(rule.words(), item);
            if (!expected.isEmpty()) {
              problems.add(name + " is " + item + ", expected " + expected);
            }
          }
          repeated(name, value, rule.uniqueBy(), problems);
        });
    together.forEach(
        (how, names) -> {
          List<String> present =
              names.stream().sorted().filter(name -> !isAbsent(object.path(name))).toList();
          if (present.size() > 1 || (present.isEmpty() && how.equals(EXACTLY_ONE))) {
            problems.add(
                "has "
                    + (present.isEmpty() ? "none" : present)
                    + ", expected "
                    + how
                    + " of "
                    + names.stream().sorted().toList());
          }
        });
    return problems;
  }

  private static void repeated(String name, JsonNode list, List<String> by, List<String> problems) {
    Set<List<String>> seen = new HashSet<>();
    for (JsonNode item : by.isEmpty() ? List.<JsonNode>of() : list) {
      // The only default among these fields is that of a protocol.
      List<String> key =
          by.stream()
              .map(field -> item.path(field).asText(field.equals("protocol") ? "TCP" : ""))
              .toList();
      if (!seen.add(key)) {
        problems.add(name + " has two of " + by + " " + key);
      }
    }
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static Map<String, ValueRules> load() {
    String name = "api-rules.yaml";
    Map<String, ValueRules> rules = new TreeMap<>();
    try (InputStream stream =
        Objects.requireNonNull(ValueRules.class.getResourceAsStream(name), name)) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      Manifests.tree(name, text)
          .properties()
          .forEach(type -> rules.put(type.getKey(), read(type.getValue())));
      return Map.copyOf(rules);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ValueRules read(JsonNode type) {
    ValueRules rules = new ValueRules();
    type.properties()
        .forEach(
            field -> {
              List<String> words = Arrays.asList(field.getValue().asText().split(" ", -1));
              if (field.getKey().equals(EXACTLY_ONE) || field.getKey().equals(AT_MOST_ONE)) {
                rules.together.put(field.getKey(), Set.copyOf(words));
              } else {
                rules.fields.put(field.getKey(), fieldRule(words));
              }
            });
    return rules;
  }

  private static FieldRule fieldRule(List<String> words) {
    List<String> left = new ArrayList<>(words);
    boolean required = left.remove("required");
    List<String> uniqueBy = List.of();
    if (left.remove("unique")) {
      uniqueBy = Arrays.asList(left.remove(0).split("\\+", -1));
    }
    return new FieldRule(required, uniqueBy, List.copyOf(left));
  }
}
