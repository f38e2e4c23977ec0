// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Runs all arms in one process, in turn, as many rounds as asked for, and reports. */
public final class MessagingBench {
  /** The ratio of two arms of the same code. */
  static final String NOISE = "noise_a_over_a";

  /** The status if nothing could be said about the limits. */
  private static final int BROKEN = 2;

  private MessagingBench() {}

  /**
   * Runs. Ends with status 1 if a limit is missed, 2 if it could not be measured.
   *
   * @param args where to write the JSON, the number of rounds, and, if not all cells are to run, a
   *     text that their names contain
   */
  @SuppressWarnings("CatchAndPrintStackTrace") // thrown, it would leave PerfTest's threads running
  public static void main(String[] args) {
    int rounds = Integer.parseInt(args[1]);
    Predicate<String> cells = cell -> args.length < 3 || cell.contains(args[2]);
    PrintStream out = System.out;
    String parameters =
        String.format(
            Locale.ROOT,
            "%d rounds, window %d, prefetch %d, one thread that publishes, one that consumes",
            rounds,
            PublishArm.WINDOW,
            ConsumeArm.PREFETCH);
    out.println(parameters);
    Results results = new Results();
    int status = BROKEN;
    try {
      new StubSuite(results, rounds, cells).run();
      out.println("done: the stub broker");
      try (RabbitMqNode node = RabbitMqNode.start()) {
        new BrokerSuite(results, rounds, cells, node).run();
      }
      status = report(parameters, results, Path.of(args[0]), out);
    } catch (Exception e) {
      e.printStackTrace();
    }
    System.exit(status); // PerfTest leaves threads behind
  }

  private static int report(String parameters, Results results, Path file, PrintStream out)
      throws IOException {
    Report report = new Report(parameters, results);
    report.print(out);
    report.write(file);
    List<String> missed = report.missed();
    missed.forEach(limit -> System.err.println("missed: " + limit));
    return missed.isEmpty() ? 0 : 1;
  }
}
