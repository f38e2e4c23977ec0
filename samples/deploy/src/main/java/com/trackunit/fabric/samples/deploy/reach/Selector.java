// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A label selector: all of its requirements must hold, so an empty one matches everything. {@code
 * NotIn} and {@code DoesNotExist} hold for what has no such label, as the API defines them.
 */
final class Selector implements Predicate<Map<String, String>> {
  private final List<Predicate<Map<String, String>>> requirements;
  private final String text;

  private Selector(List<Predicate<Map<String, String>>> requirements, String text) {
    this.requirements = requirements;
    this.text = text;
  }

  /**
   * Takes a selector over.
   *
   * @throws IllegalArgumentException if an operator is unknown, or its values do not fit it
   */
  static Selector of(LabelSelector selector) {
    List<Predicate<Map<String, String>>> requirements = new ArrayList<>();
    Map<String, String> equal =
        selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels();
    equal.forEach((key, value) -> requirements.add(labels -> value.equals(labels.get(key))));
    for (LabelSelectorRequirement requirement : selector.getMatchExpressions()) {
      requirements.add(requirement(requirement));
    }
    return new Selector(List.copyOf(requirements), describe(selector));
  }

  @Override
  public boolean test(Map<String, String> labels) {
    return requirements.stream().allMatch(requirement -> requirement.test(labels));
  }

  @Override
  public String toString() {
    return text;
  }

  private static Predicate<Map<String, String>> requirement(LabelSelectorRequirement requirement) {
    String key = requirement.getKey();
    List<String> values = List.copyOf(requirement.getValues());
    String operator = String.valueOf(requirement.getOperator());
    boolean takesValues = operator.equals("In") || operator.equals("NotIn");
    if (key == null || values.isEmpty() == takesValues) {
      throw new IllegalArgumentException(
          "matchExpressions: key "
              + key
              + ", operator "
              + operator
              + ", values "
              + values
              + ": In and NotIn take values, Exists and DoesNotExist none");
    }
    return switch (operator) {
      case "In" -> labels -> labels.containsKey(key) && values.contains(labels.get(key));
      case "NotIn" -> labels -> !labels.containsKey(key) || !values.contains(labels.get(key));
      case "Exists" -> labels -> labels.containsKey(key);
      case "DoesNotExist" -> labels -> !labels.containsKey(key);
      default ->
          throw new IllegalArgumentException(
              "matchExpressions: operator '"
                  + operator
                  + "', expected In, NotIn, Exists or DoesNotExist");
    };
  }

  private static String describe(LabelSelector selector) {
    List<String> parts = new ArrayList<>();
    if (selector.getMatchLabels() != null) {
      new TreeMap<>(selector.getMatchLabels())
          .forEach((key, value) -> parts.add(key + "=" + value));
    }
    selector
        .getMatchExpressions()
        .forEach(r -> parts.add(r.getKey() + " " + r.getOperator() + " " + r.getValues()));
    return parts.isEmpty() ? "all" : String.join(", ", parts);
  }
}
