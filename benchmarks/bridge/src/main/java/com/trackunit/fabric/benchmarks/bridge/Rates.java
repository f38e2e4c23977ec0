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
  double ratio(Cell cell, Arm.Kind above, Arm below) {
    Map<Arm, Map<Integer, Double>> arms = measured.getOrDefault(cell, Map.of());
    Map<Integer, Double> lower = arms.getOrDefault(below, Map.of());
    return arms.entrySet().stream()
        .filter(arm -> arm.getKey().kind() == above)
        .findAny()
        .map(
            arm ->
                median(
                    arm.getValue().entrySet().stream()
                        .filter(it -> lower.containsKey(it.getKey()))
                        .map(it -> it.getValue() / lower.getOrDefault(it.getKey(), Double.NaN))
                        .toList()))
        .orElse(Double.NaN);
  }

  /** Each arm's median. */
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
