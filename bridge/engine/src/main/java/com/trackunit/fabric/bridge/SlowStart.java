// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/**
 * How many messages are trusted to be in flight at once: any number until something fails, then
 * one, and one more with every success.
 *
 * <p>So the window doubles with each round trip after a failure, and a message that kills the
 * channel is alone in flight after a number of deaths logarithmic in the window. Not thread-safe.
 */
final class SlowStart {
  private int limit = Integer.MAX_VALUE;

  boolean allows(int inFlight) {
    return inFlight < limit;
  }

  void collapse() {
    limit = 1;
  }

  void grow() {
    if (limit < Integer.MAX_VALUE) {
      limit++;
    }
  }
}
