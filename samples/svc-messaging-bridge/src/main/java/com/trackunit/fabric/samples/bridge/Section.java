// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.core.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mapping of a {@link CheckedYaml}: its values have the types of the schema. Immutable.
 *
 * @param line where it begins
 */
record Section(int line, Map<String, Object> values) {
  static final Section NONE = new Section(0, Map.of());

  Section {
    values = Map.copyOf(values);
  }

  /** A text that is not empty. */
  Optional<String> text(String key) {
    return of(key, String.class).filter(value -> !value.isEmpty());
  }

  Optional<Secret> secret(String key) {
    return of(key, Secret.class);
  }

  Optional<Long> number(String key) {
    return of(key, Long.class);
  }

  boolean isOn(String key) {
    return of(key, Boolean.class).orElse(false);
  }

  /** A mapping within; without values where it is absent. */
  Section section(String key) {
    return of(key, Section.class).orElse(NONE);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** The mappings or texts of a list; none where it is absent. */
  <T> List<T> list(String key, Class<T> type) {
    return of(key, List.class)
        .map(list -> ((List<?>) list).stream().map(type::cast).toList())
        .orElse(List.of());
  }

  private <T> Optional<T> of(String key, Class<T> type) {
    return Optional.ofNullable(values.get(key)).map(type::cast);
  }
}
