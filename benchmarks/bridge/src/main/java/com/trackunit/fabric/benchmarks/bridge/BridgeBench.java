// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Runs all arms in turn, as many rounds as asked for, then crashes each once, and reports. */
public final class BridgeBench {
  /** The status if nothing could be said about the limits. */
  private static final int BROKEN = 2;

  private static final int MISUSED = 64;

  /** What one run of an arm takes, with filling its source, seen on two cores. */
  private static final double SECONDS_A_RUN = 3.0;

  private static final double SECONDS_A_LATENCY = 6;
  private static final double SECONDS_A_CRASH = 22;

  private final List<Cell> cells;
  private final int rounds;
  private final PrintStream out;
  private final Findings findings = new Findings();

  private BridgeBench(List<Cell> cells, int rounds, PrintStream out) {
    this.cells = cells;
    this.rounds = rounds;
    this.out = out;
  }

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
      status = new BridgeBench(cells, rounds, System.out).run(Path.of(args[0]));
    } catch (Exception e) {
      e.printStackTrace();
    }
    System.exit(status);
  }

  private int run(Path file) throws Exception {
    long begun = System.nanoTime();
    String parameters =
        String.format(
            Locale.ROOT,
            "%d rounds, %d cells, at most 1000 messages and 16 MiB in flight, acks=all",
            rounds,
            cells.size());
    List<Limit> limits;
    double noise;
    try (Arms arms = new Arms();
        Lab lab = new Lab()) {
      out.printf("%s; about %.0f minutes%n", parameters, minutes(arms));
      Speed speed = new Speed(lab, arms, findings);
      speed.warmUp(cells);
      told("warm", begun);
      for (int round = 0; round < rounds; round++) {
        speed.round(round, cells);
        told("round " + (round + 1), begun);
      }
      latencies(lab, arms);
      told("end-to-end p99", begun);
      crashes(lab, arms);
      told("crashes", begun);
      Ratios ratios = new Ratios(findings, arms, cells);
      limits = ratios.limits();
      noise = ratios.noise();
    }
    Report report = new Report(parameters, findings, limits, noise);
    report.print(out);
    report.write(file);
    report.missed().forEach(limit -> System.err.println("missed: " + limit));
    report.unmeasured().forEach(limit -> System.err.println("not measurable: " + limit));
    return report.missed().isEmpty() ? report.unmeasured().isEmpty() ? 0 : BROKEN : 1;
  }

  private void told(String what, long begun) {
    Duration since = Duration.ofNanos(System.nanoTime() - begun);
    out.printf("done: %s, after %d min %d s%n", what, since.toMinutes(), since.toSecondsPart());
  }

  private double minutes(Arms arms) {
    double seconds = 0;
    for (Cell cell : cells) {
      long all = arms.of(cell).size();
      long each = arms.of(cell).stream().filter(it -> it.kind().isEachRound()).count();
      long measured = each + all + (rounds - 1) * each; // with one to warm up
      seconds += measured * SECONDS_A_RUN + (cell.toRabbit() ? 0 : SECONDS_A_LATENCY);
    }
    for (Cell cell : crashed()) {
      seconds += SECONDS_A_CRASH * crashed(arms, cell).size();
    }
    return Math.ceil(seconds / 60);
  }

  private void latencies(Lab lab, Arms arms) {
    Latency latency = new Latency(lab);
    for (Cell cell : cells) {
      for (Arm arm : arms.of(cell)) {
        if (arm.kind() == Arm.Kind.ONCE) {
          try {
            double rate = findings.rates.perSecond(cell, arm);
            findings.p99Millis.put(cell, latency.p99Millis(cell, arm, rate));
          } catch (Exception e) {
            failed(cell, arm, "end-to-end p99", e);
          }
        }
      }
    }
  }

  private void crashes(Lab lab, Arms arms) {
    Crash crash = new Crash(lab);
    for (Cell cell : crashed()) {
      for (Arm arm : crashed(arms, cell)) {
        double rate = findings.rates.perSecond(cell, arm);
        try {
          if (!Double.isNaN(rate)) {
            findings.crashes.put(new Findings.Run(cell, arm), crash.of(cell, arm, rate));
          }
        } catch (Exception e) {
          failed(cell, arm, "crash", e);
        }
      }
    }
  }

  private void failed(Cell cell, Arm arm, String what, Exception e) {
    findings.failures.putIfAbsent(new Findings.Run(cell, arm), what + ": " + e);
  }

  private static List<Arm> crashed(Arms arms, Cell cell) {
    return arms.of(cell).stream().filter(arm -> arm.kind().isCrashed()).toList();
  }

  /** One cell of each direction that was asked for: 1 KiB and a quorum queue, if it is there. */
  private List<Cell> crashed() {
    List<Cell> chosen = new ArrayList<>();
    for (boolean toRabbit : new boolean[] {true, false}) {
      Optional<Cell> cell =
          cells.stream()
              .filter(it -> it.toRabbit() == toRabbit)
              .max(
                  Comparator.<Cell, Boolean>comparing(it -> it.bytes() == 1024)
                      .thenComparing(it -> it.queueType().equals("quorum"))
                      .thenComparing(Cell::partitions));
      cell.ifPresent(chosen::add);
    }
    return chosen;
  }
}
