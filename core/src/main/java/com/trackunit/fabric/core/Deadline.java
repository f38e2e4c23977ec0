// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.time.Duration;
import java.util.Objects;

/**
 * A moment after which nobody waits any longer; one deadline is the upper bound over all the steps
 * it is handed to. Immutable, thread-safe as far as its ticker is.
 */
public final class Deadline {
  private final Ticker ticker;
  private final long endNanos;

  private Deadline(Ticker ticker, long endNanos) {
    this.ticker = ticker;
    this.endNanos = endNanos;
  }

  /**
   * A deadline counted from now.
   *
   * @param timeout how long to wait; zero means it has passed already; at most 100 years
   * @param ticker the clock it goes by
   * @return the deadline
   * @throws IllegalArgumentException if the timeout is negative or beyond its bound
   */
  public static Deadline after(Duration timeout, Ticker ticker) {
    Objects.requireNonNull(ticker, "ticker");
    if (timeout.isNegative() || timeout.compareTo(Duration.ofDays(36_525)) > 0) {
      throw new IllegalArgumentException(
          "deadline: timeout " + timeout + " is out of bounds, expected 0 to 100 years");
    }
    return new Deadline(ticker, ticker.nanos() + timeout.toNanos());
  }

  /**
   * What is left.
   *
   * @return never negative; zero once it has passed
   */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, endNanos - ticker.nanos()));
  }

  /**
   * Whether it has passed.
   *
   * @return true if nothing is left
   */
  public boolean hasPassed() {
    return endNanos - ticker.nanos() <= 0;
  }
}
