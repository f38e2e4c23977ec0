// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the arms did in one cell: in each round a slice of each, close after one another. */
final class Rounds {
  private final Map<String, Map<Integer, Slice>> byArm = new LinkedHashMap<>();

  void add(int round, String arm, Slice slice) {
    byArm.computeIfAbsent(arm, it -> new TreeMap<>()).put(round, slice);
  }

  Iterable<String> arms() {
    return byArm.keySet();
  }

  /**
   * One arm's requests a second over another's, each slice over the one of the same round: what
   * slows the machine down for longer than a round slows both.
   */
  Interval ratio(String arm, String peer) {
    double[] ratios = new double[of(arm).size()];
    int filled = 0;
    for (Map.Entry<Integer, Slice> round : of(arm).entrySet()) {
      Slice theirs = of(peer).get(round.getKey());
      if (theirs == null) {
        throw new IllegalStateException(peer + " took no part in round " + round.getKey());
      }
      ratios[filled++] = round.getValue().perSecond() / theirs.perSecond();
    }
    Arrays.sort(ratios);
    return Interval.of(ratios);
  }

  double perSecond(String arm) {
    return Interval.of(of(arm).values().stream().mapToDouble(Slice::perSecond).sorted().toArray())
        .median();
  }

  /** The request that one in a hundred is slower than, of all rounds together. */
  double p99Micros(String arm) {
    long[] nanos = of(arm).values().stream().flatMapToLong(Slice::nanos).toArray();
    Arrays.sort(nanos);
    return nanos[(int) (nanos.length * 0.99)] / 1e3;
  }

  double cpuMicros(String arm) {
    return of(arm).values().stream().mapToLong(Slice::cpuNanos).sum() / 1e3 / calls(arm);
  }

  double bytes(String arm) {
    return (double) of(arm).values().stream().mapToLong(Slice::bytes).sum() / calls(arm);
  }

  private long calls(String arm) {
    return of(arm).values().stream().mapToLong(Slice::calls).sum();
  }

  private Map<Integer, Slice> of(String arm) {
    Map<Integer, Slice> slices = byArm.get(arm);
    if (slices == null) {
      throw new IllegalStateException(arm + " was not measured, only " + byArm.keySet());
    }
    return slices;
  }
}
