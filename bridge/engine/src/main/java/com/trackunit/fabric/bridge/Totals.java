// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.EnumMap;
import java.util.Map;

/** The running sums of a route's core. Not thread-safe. */
final class Totals {
  private final long[] sums = new long[RouteCounter.values().length];

  void add(RouteCounter counter) {
    sums[counter.ordinal()]++;
  }

  void add(RouteCounter counter, long more) {
    sums[counter.ordinal()] += more;
  }

  RouteCounts toCounts(int inFlight, int waiting) {
    Map<RouteCounter, Long> all = new EnumMap<>(RouteCounter.class);
    for (RouteCounter counter : RouteCounter.values()) {
      all.put(counter, sums[counter.ordinal()]);
    }
    return new RouteCounts(all, inFlight, waiting);
  }
}
