// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;

/**
 * How many messages a second a route has confirmed lately: over the last ten seconds and a little.
 * Not thread-safe.
 */
final class Rates {
  private static final long SPAN_NANOS = Duration.ofSeconds(10).toNanos();

  private boolean hasBegun;
  private long beganAt;
  private long beganWith;
  private long beforeAt;
  private long beforeWith;

  /** Told of the counts now. */
  double perSecond(RouteCounts counts, long nanos) {
    long settled = counts.of(RouteCounter.CONFIRMED) + counts.of(RouteCounter.DEAD_LETTERED);
    if (!hasBegun) {
      hasBegun = true;
      beganAt = nanos;
      beforeAt = nanos;
      beganWith = settled;
      beforeWith = settled;
    } else if (nanos - beganAt >= SPAN_NANOS) {
      beforeAt = beganAt;
      beforeWith = beganWith;
      beganAt = nanos;
      beganWith = settled;
    }
    long span = nanos - beforeAt;
    return span == 0 ? 0 : (settled - beforeWith) * 1e9 / span;
  }
}
