// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs all arms, one process each, as many rounds as asked for, and reports. */
public final class AuthBench {
  private static final TimeValue ITERATION = TimeValue.milliseconds(500);
  private static final int WARMUPS = 4;
  private static final int MEASUREMENTS = 3;

  private static final String IN_TURNS = TokenBenchmark.class.getName() + ".inTurns";
  private static final TimeValue TURN = TimeValue.milliseconds(200);
  private static final int PAIRS = 25;

  private AuthBench() {}

  /**
   * Runs. Ends with status 1 if a limit is missed.
   *
   * @param args where to write the JSON, and the number of rounds
   */
  public static void main(String[] args) throws RunnerException, IOException {
    int rounds = Integer.parseInt(args[1]);
    PrintStream out = System.out;
    String parameters =
        String.format(
            Locale.ROOT,
            "%d rounds, in each a process for every arm: %d + %d iterations of %s, one thread;"
                + " inTurns: %d pairs of %s",
            rounds,
            WARMUPS,
            MEASUREMENTS,
            ITERATION,
            PAIRS,
            TURN);
    out.println(parameters);
    List<Collection<RunResult>> results = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      long begin = System.nanoTime();
      results.add(round());
      out.printf(
          Locale.ROOT, "round %d took %d s%n", round, (System.nanoTime() - begin) / 1_000_000_000);
    }
    Report report = new Report(parameters, results);
    report.print(out);
    report.write(Path.of(args[0]));
    List<String> missed = report.missed();
    missed.forEach(limit -> System.err.println("missed: " + limit));
    System.exit(missed.isEmpty() ? 0 : 1);
  }

  /** Rounds spread what the machine does meanwhile over all arms alike. */
  private static Collection<RunResult> round() throws RunnerException {
    List<RunResult> results = new ArrayList<>();
    results.addAll(
        run(
            common()
                .include(TokenBenchmark.class.getName())
                .include(HungRefreshBenchmark.class.getName())
                .exclude(IN_TURNS)
                .warmupIterations(WARMUPS)
                .warmupTime(ITERATION)
                .measurementIterations(MEASUREMENTS)
                .measurementTime(ITERATION)));
    results.addAll(
        run(
            common()
                .include(IN_TURNS)
                .warmupIterations(2 * WARMUPS)
                .warmupTime(ITERATION)
                .measurementIterations(2 * PAIRS)
                .measurementTime(TURN)));
    return results;
  }

  private static ChainedOptionsBuilder common() {
    return new OptionsBuilder()
        .forks(1)
        .threads(1)
        .shouldFailOnError(true)
        .addProfiler(GCProfiler.class)
        .verbosity(VerboseMode.SILENT)
        .jvmArgsAppend("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC");
  }

  private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
    return new Runner(options.build()).run();
  }
}
