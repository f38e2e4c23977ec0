// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.perf.PerfTest;
import com.rabbitmq.perf.PerfTest.PerfTestOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** RabbitMQ's own load generator with one producer, and the confirms it counts in a second. */
final class PerfTestRun {
  private static final Pattern CONFIRMED = Pattern.compile("confirmed: ([0-9.,]+) msg/s");
  private static final int SECONDS = 3;

  private PerfTestRun() {}

  /** Messages confirmed in a second: the median of the seconds but the first. */
  static double perSecond(String uri, String queue, int bodyBytes) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    String arguments =
        String.format(
            Locale.ROOT,
            "--uri %s --producers 1 --consumers 0 --predeclared --queue %s --routing-key %s"
                + " --exchange amq.default --size %d --flag persistent --flag mandatory"
                + " --confirm %d --time %d",
            uri,
            queue,
            queue,
            bodyBytes,
            PublishArm.WINDOW,
            SECONDS);
    PerfTest.main(
        arguments.split(" ", -1),
        new PerfTestOptions().setConsoleOut(out).setConsoleErr(out).setSystemExiter(status -> {}));
    String text = printed.toString(StandardCharsets.UTF_8);
    List<Double> seconds = new ArrayList<>();
    Matcher line = CONFIRMED.matcher(text);
    while (line.find()) {
      seconds.add(Double.parseDouble(line.group(1).replace(",", "")));
    }
    if (seconds.size() < 2) {
      throw new IllegalStateException("PerfTest printed no rates:\n" + text);
    }
    return Stats.median(seconds.subList(1, seconds.size()));
  }
}
