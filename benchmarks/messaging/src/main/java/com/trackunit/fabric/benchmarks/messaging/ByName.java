// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured, by name; asking for what was not is an error.
 *
 * @param <T> what was measured
 */
final class ByName<T> {
  private final Map<String, T> measured = new LinkedHashMap<>();

  void put(String name, T value) {
    measured.put(name, value);
  }

  T of(String name) {
    T value = measured.get(name);
    if (value == null) {
      throw new IllegalStateException(name + " was not measured, only " + measured.keySet());
    }
    return value;
  }
}
