// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.io.PrintStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code script/simulate bridge}: random schedules through both cores, until one breaks a guarantee
 * or all have passed; then the bridges broken on purpose, each of which must be convicted. Of a
 * schedule that breaks a guarantee it prints the shortest form, step by step.
 */
final class Simulate {
  private static final long CONVICTED_WITHIN = 1_000;

  private final PrintStream out;

  private Simulate(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs them; exit code 0 if every guarantee held and every broken bridge was convicted.
   *
   * @param arguments how many schedules, and the first seed
   */
  public static void main(String[] arguments) {
    System.exit(
        run(Long.parseLong(arguments[0]), Long.parseLong(arguments[1]), System.out) ? 0 : 1);
  }

  static boolean run(long schedules, long seed, PrintStream out) {
    Simulate simulate = new Simulate(out);
    boolean held = true;
    List<Simulation> whole = Simulation.whole();
    for (int i = 0; i < whole.size(); i++) {
      // Half of them for the way to an exchange, a quarter for each guarantee of the way back.
      long share = i == 0 ? schedules - 2 * (schedules / 4) : schedules / 4;
      held &= simulate.holds(whole.get(i), seed, share);
    }
    for (Simulation broken : Simulation.broken()) {
      held &= simulate.convicts(broken, seed);
    }
    return held;
  }

  private boolean holds(Simulation simulation, long first, long schedules) {
    long begin = System.nanoTime();
    OptionalLong violated = simulation.firstViolated(first, schedules);
    if (violated.isPresent()) {
      violated(simulation, violated.getAsLong());
      return false;
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    out.printf(
        "%s: held in %d schedules (seeds %d to %d), %.0f a second%n",
        simulation, schedules, first, first + schedules - 1, schedules / seconds);
    return true;
  }

  private void violated(Simulation simulation, long seed) {
    Schedule shortest = Simulation.schedule(seed).shortest(simulation::isViolatedBy);
    Trace trace = Trace.writing();
    String violation = simulation.violation(shortest, trace);
    out.printf(
        "%s: VIOLATED by seed %d, shortest schedule %d steps:%n",
        simulation, seed, shortest.length());
    trace.lines().forEach(line -> out.println("  " + line));
    out.println("  => " + violation);
  }

  private boolean convicts(Simulation broken, long first) {
    OptionalLong seed = broken.firstViolated(first, CONVICTED_WITHIN);
    if (seed.isEmpty()) {
      out.printf("%s: NOT CONVICTED within %d schedules%n", broken, CONVICTED_WITHIN);
      return false;
    }
    Schedule shortest = Simulation.schedule(seed.getAsLong()).shortest(broken::isViolatedBy);
    out.printf(
        "%s: convicted by schedule %d, shortest form %d steps: %s%n",
        broken,
        seed.getAsLong() - first + 1,
        shortest.length(),
        broken.violation(shortest, Trace.counting()));
    return true;
  }
}
