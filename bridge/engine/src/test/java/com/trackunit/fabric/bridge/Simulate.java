// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.bridge.SimulatedWorld.Violation;
import java.util.function.LongFunction;

/**
 * {@code script/simulate bridge}: random schedules through both cores, until one breaks a guarantee
 * or a number of them has passed. Arguments: how many, and the first seed. A violation is printed
 * with the fewest steps of its seed that show it.
 */
final class Simulate {
  private static final int STEPS = 400;

  private Simulate() {}

  /** One schedule of a kind. */
  private interface Schedule {
    void run(int steps);
  }

  /**
   * Runs them.
   *
   * @param arguments how many schedules, and the first seed
   */
  public static void main(String[] arguments) {
    long schedules = Long.parseLong(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    boolean passed =
        simulate(
            "topic to exchange",
            schedules / 2,
            seed,
            s -> new SimulatedWorld(s, SimulatedWorld.Bridge.WHOLE)::run);
    passed &=
        simulate(
            "queue to topic, at least once",
            schedules / 4,
            seed,
            s -> new QueueWorld(s, QueueWorld.Bridge.WHOLE, false)::run);
    passed &=
        simulate(
            "queue to topic, effectively once",
            schedules - schedules / 2 - schedules / 4,
            seed,
            s -> new QueueWorld(s, QueueWorld.Bridge.WHOLE, true)::run);
    System.exit(passed ? 0 : 1);
  }

  private static boolean simulate(
      String what, long schedules, long first, LongFunction<Schedule> worlds) {
    long begin = System.nanoTime();
    for (long seed = first; seed < first + schedules; seed++) {
      String violation = violation(worlds.apply(seed), STEPS);
      if (violation != null) {
        int steps = fewestSteps(worlds, seed);
        System.out.println(
            what + ": VIOLATED by seed " + seed + " within " + steps + " steps: " + violation);
        return false;
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        "%s: %d schedules held, seeds %d to %d, %.0f a second%n",
        what, schedules, first, first + schedules - 1, schedules / seconds);
    return true;
  }

  private static int fewestSteps(LongFunction<Schedule> worlds, long seed) {
    int steps = 0;
    while (violation(worlds.apply(seed), steps) == null && steps < STEPS) {
      steps++;
    }
    return steps;
  }

  private static @org.jspecify.annotations.Nullable String violation(Schedule world, int steps) {
    try {
      world.run(steps);
      return null;
    } catch (Violation | RuntimeException e) {
      return e.toString();
    }
  }
}
