// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * What chance does in a simulated world: a seed for the world itself, and one for each step, so
 * that a step left out leaves the choices of the others as they are.
 */
final class Schedule {
  private final long seed;
  private final long[] steps;

  private Schedule(long seed, long[] steps) {
    this.seed = seed;
    this.steps = steps;
  }

  /** The schedule of a seed; the same seed gives the same schedule. */
  static Schedule of(long seed, int steps) {
    long[] seeds = new long[steps];
    for (int i = 0; i < steps; i++) {
      seeds[i] = mix(mix(seed) + i + 1);
    }
    return new Schedule(mix(seed), seeds);
  }

  long seed() {
    return seed;
  }

  /** For what comes after the last step. */
  long endSeed() {
    return ~seed;
  }

  int length() {
    return steps.length;
  }

  long step(int index) {
    return steps[index];
  }

  /**
   * A schedule that still fails, and would not with any single step left out.
   *
   * @param fails true for this schedule
   */
  Schedule shortest(Predicate<Schedule> fails) {
    Schedule best = this;
    while (true) {
      Schedule shorter = best;
      for (int chunk = Math.max(1, best.length() / 2); chunk > 0; chunk /= 2) {
        shorter = shorter.withoutChunks(chunk, fails);
      }
      if (shorter.length() == best.length()) {
        return best;
      }
      best = shorter;
    }
  }

  private Schedule withoutChunks(int chunk, Predicate<Schedule> fails) {
    Schedule best = this;
    // From the end: what comes after the violation goes first.
    for (int from = best.length() - chunk; from > -chunk; from -= chunk) {
      Schedule candidate = best.without(Math.max(0, from), from + chunk);
      if (fails.test(candidate)) {
        best = candidate;
      }
    }
    return best;
  }

  private Schedule without(int from, int to) {
    long[] kept = Arrays.copyOf(steps, steps.length - (to - from));
    System.arraycopy(steps, to, kept, from, steps.length - to);
    return new Schedule(seed, kept);
  }

  /** Neighbouring seeds must not give alike worlds (the finalizer of splitmix64). */
  private static long mix(long value) {
    long z = value * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
