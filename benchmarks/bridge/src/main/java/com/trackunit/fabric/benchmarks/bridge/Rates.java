// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Messages a second: of each cell, of each arm, of each round. */
final class Rates {
  private final Map<Cell, Map<Arm, Map<Integer, Double>>> measured = new LinkedHashMap<>();

  void add(Cell cell, Arm arm, int round, double perSecond) {
    measured
        .computeIfAbsent(cell, it -> new LinkedHashMap<>())
        .computeIfAbsent(arm, it -> new TreeMap<>())
        .put(round, perSecond);
  }

  void forEach(BiConsumer<Cell, Map<Arm, Map<Integer, Double>>> action) {
    measured.forEach(action);
  }

  /**
   * The median over the rounds in which both were measured.
   *
   * @return NaN if there is none
   */
  double ratio(Cell cell, Arm above, Arm below) {
    Map<Integer, Double> upper = rounds(cell, above);
    Map<Integer, Double> lower = rounds(cell, below);
    return median(
        upper.entrySet().stream()
            .filter(it -> lower.containsKey(it.getKey()))
            .map(it -> it.getValue() / lower.getOrDefault(it.getKey(), Double.NaN))
            .toList());
  }

  /** An arm's median; NaN if it was not measured. */
  double perSecond(Cell cell, Arm arm) {
    return median(rounds(cell, arm).values());
  }

  private Map<Integer, Double> rounds(Cell cell, Arm arm) {
    return measured.getOrDefault(cell, Map.of()).getOrDefault(arm, Map.of());
  }

  /** NaN if there is none. */
  static double median(Collection<Double> samples) {
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length == 0
        ? Double.NaN
        : sorted.length % 2 == 1
            ? sorted[middle]
            : Arrays.stream(sorted, middle - 1, middle + 1).average().orElse(Double.NaN);
  }
}
