// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What all rounds have measured. */
final class Results {
  private final Map<String, List<Usage.Cost>> costs = new LinkedHashMap<>();
  private final Map<String, Map<String, List<Double>>> ratios = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  void cost(String cell, String arm, Usage.Cost cost) {
    costs.computeIfAbsent(cell + " " + arm, it -> new ArrayList<>()).add(cost);
  }

  void ratio(String name, String cell, double value) {
    ratios
        .computeIfAbsent(name, it -> new LinkedHashMap<>())
        .computeIfAbsent(cell, it -> new ArrayList<>())
        .add(value);
  }

  /** Whatever the rounds of a cell gave, it does not count. */
  void notMeasured(String name, String cell) {
    Map<String, List<Double>> cells = ratios.computeIfAbsent(name, it -> new LinkedHashMap<>());
    cells.put(cell, List.of());
  }

  /** What a reader of the numbers has to know. */
  void note(String text) {
    notes.add(text);
  }

  List<String> notes() {
    return notes;
  }

  Map<String, List<Usage.Cost>> costs() {
    return costs;
  }

  /** One round's ratios of a name, by cell; empty if it was not measured. */
  Map<String, List<Double>> ratios(String name) {
    return ratios.getOrDefault(name, Map.of());
  }
}
