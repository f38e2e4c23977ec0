// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.EnumMap;
import java.util.Map;

/** The running sums of a route's core. Not thread-safe. */
final class Totals {
  private final Map<RouteCounter, Sum> sums = new EnumMap<>(RouteCounter.class);

  private static final class Sum {
    long value;
  }

  void add(RouteCounter counter) {
    add(counter, 1);
  }

  void add(RouteCounter counter, long more) {
    sums.computeIfAbsent(counter, fresh -> new Sum()).value += more;
  }

  RouteCounts toCounts(int inFlight, int waiting) {
    Map<RouteCounter, Long> all = new EnumMap<>(RouteCounter.class);
    sums.forEach((counter, sum) -> all.put(counter, sum.value));
    return new RouteCounts(all, inFlight, waiting);
  }
}
