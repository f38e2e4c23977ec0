// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Runs all arms in one process, in turn, as many rounds as asked for, and reports. */
public final class BridgeBench {
  /** The status if nothing could be said about the limits. */
  private static final int BROKEN = 2;

  private static final int MISUSED = 64;

  private BridgeBench() {}

  /**
   * Runs. Ends with status 1 if a limit is missed, 2 if it could not be measured.
   *
   * @param args where to write the JSON, the number of rounds, and a part of the names of the cells
   *     to run; empty for all
   */
  @SuppressWarnings("CatchAndPrintStackTrace") // thrown, it would leave clients' threads running
  public static void main(String[] args) {
    int rounds = Integer.parseInt(args[1]);
    List<Cell> cells = Cell.containing(args.length > 2 ? args[2] : "");
    if (cells.isEmpty()) {
      System.err.println("no cell's name contains " + args[2] + "; all: " + Cell.containing(""));
      System.exit(MISUSED);
    }
    int status = BROKEN;
    try {
      status = run(Path.of(args[0]), rounds, cells, System.out);
    } catch (Exception e) {
      e.printStackTrace();
    }
    System.exit(status);
  }

  private static int run(Path file, int rounds, List<Cell> cells, PrintStream out)
      throws Exception {
    String parameters =
        String.format(
            Locale.ROOT,
            "%d rounds, %d cells, at most 1000 messages and 16 MiB in flight, acks=all",
            rounds,
            cells.size());
    out.println(parameters);
    Rates rates = new Rates();
    List<Limit> limits;
    try (Lab lab = new Lab()) {
      Speed speed = new Speed(lab, rates);
      speed.warmUp(cells);
      out.println("done: warm");
      for (int round = 0; round < rounds; round++) {
        speed.round(round, cells);
        out.println("done: round " + (round + 1));
      }
      limits = Ratios.of(rates, speed);
    }
    Report report = new Report(parameters, rates, limits);
    report.print(out);
    report.write(file);
    List<String> missed = report.missed();
    missed.forEach(limit -> System.err.println("missed: " + limit));
    return missed.isEmpty() ? 0 : 1;
  }
}
