// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the arms cost in each round of one cell. */
final class Rounds {
  private final Map<String, List<Cost>> byArm = new LinkedHashMap<>();

  void add(String arm, Cost cost) {
    byArm.computeIfAbsent(arm, it -> new ArrayList<>()).add(cost);
  }

  Iterable<String> arms() {
    return byArm.keySet();
  }

  /** The median over the rounds. */
  double median(String arm, ToDoubleFunction<Cost> of) {
    return quantile(of(arm).stream().mapToDouble(of).sorted().toArray(), 0.5);
  }

  /** One arm's requests a second over another's: what a share of the rounds lies below. */
  double ratio(String arm, String peer, double share) {
    List<Cost> ours = of(arm);
    List<Cost> theirs = of(peer);
    double[] ratios = new double[ours.size()];
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] = ours.get(round).perSecond() / theirs.get(round).perSecond();
    }
    return quantile(Arrays.stream(ratios).sorted().toArray(), share);
  }

  private List<Cost> of(String arm) {
    List<Cost> costs = byArm.get(arm);
    if (costs == null) {
      throw new IllegalStateException(arm + " was not measured, only " + byArm.keySet());
    }
    return costs;
  }

  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
