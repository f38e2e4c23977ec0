// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/** The running sums of a {@link RouteCore}. Not thread-safe. */
final class Totals {
  long polled;
  long confirmed;
  long returned;
  long rejected;
  long unknown;

  /** Of lanes that are gone; the others count their own. */
  long overtaken;

  RouteCounts toCounts(long overtakenInAll, int inFlight, int waiting) {
    return new RouteCounts(
        polled, confirmed, returned, rejected, unknown, overtakenInAll, inFlight, waiting);
  }
}
