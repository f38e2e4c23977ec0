// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Locale;
import java.util.Map;

/**
 * What has passed through a route so far, and what it holds now.
 *
 * @param sums by counter; those that are zero may be missing
 * @param inFlight sent and not settled
 * @param waiting taken and not sent
 */
record RouteCounts(Map<RouteCounter, Long> sums, int inFlight, int waiting) {
  static final RouteCounts NONE = new Totals().toCounts(0, 0);

  RouteCounts {
    sums = Map.copyOf(sums);
  }

  long of(RouteCounter counter) {
    Long sum = sums.get(counter);
    return sum == null ? 0 : sum;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("in flight " + inFlight + ", waiting " + waiting);
    for (RouteCounter counter : RouteCounter.values()) {
      if (of(counter) > 0 || counter == RouteCounter.CONFIRMED) {
        text.append(", ").append(counter.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        text.append(' ').append(of(counter));
      }
    }
    return text.toString();
  }
}
