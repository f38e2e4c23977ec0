// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling from an initial delay to a limit, with equal
 * jitter (half of the delay is fixed, half is random), so that many clients of one broken peer do
 * not return at the same moment. Thread-safe as far as its random generator is.
 */
public final class Backoff {
  private final Duration initial;
  private final Duration limit;
  private final RandomGenerator random;

  private Backoff(Duration initial, Duration limit, RandomGenerator random) {
    this.initial = initial;
    this.limit = limit;
    this.random = random;
  }

  /**
   * A doubling backoff.
   *
   * @param initial the delay before the second attempt, without jitter; more than zero
   * @param limit the longest delay, without jitter; at least {@code initial}, at most one day
   * @param random where the jitter comes from
   * @return the backoff
   * @throws IllegalArgumentException if a bound is broken
   */
  public static Backoff exponential(Duration initial, Duration limit, RandomGenerator random) {
    Objects.requireNonNull(random, "random");
    if (initial.isNegative() || initial.isZero()) {
      throw new IllegalArgumentException(
          "backoff: initial is " + initial + ", expected more than 0");
    }
    if (limit.compareTo(initial) < 0 || limit.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "backoff: limit is " + limit + ", expected initial (" + initial + ") to one day");
    }
    return new Backoff(initial, limit, random);
  }

  /**
   * The delay after a number of failed attempts.
   *
   * @param failures how many attempts have failed in a row; at least 1
   * @return between half of and the whole doubled delay
   * @throws IllegalArgumentException if {@code failures} is less than 1
   */
  public Duration delay(int failures) {
    if (failures < 1) {
      throw new IllegalArgumentException("backoff: failures is " + failures + ", expected >= 1");
    }
    long nanos = limit.toNanos();
    int doublings = failures - 1;
    if (doublings < Long.numberOfLeadingZeros(initial.toNanos()) - 1) {
      nanos = Math.min(nanos, initial.toNanos() << doublings);
    }
    long half = nanos / 2;
    return Duration.ofNanos(nanos - half + random.nextLong(half + 1));
  }
}
