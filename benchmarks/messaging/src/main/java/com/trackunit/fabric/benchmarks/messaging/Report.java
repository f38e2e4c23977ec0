// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What came out, as a table for people and as JSON for machines. */
final class Report {
  /** Two arms of the same code that differ by more than this: the machine was not at rest. */
  private static final double RESTLESS = 1.1;

  private final String parameters;
  private final Results results;
  private final List<Limit> limits;

  Report(String parameters, Results results) {
    this.parameters = parameters;
    this.results = results;
    this.limits =
        List.of(
            limit("publish_confirmed_over_raw", 0.9, false),
            limit("consume_over_raw", 0.9, false),
            limit("stub_publish_over_raw", 0.95, false),
            limit("publish_confirmed_over_spring", 1.5, false),
            limit("client_cpu_over_raw", 1.3, true),
            limit("bytes_per_message_over_raw", 1.3, true),
            limit("p99_latency_over_raw", 1.2, true));
  }

  private Limit limit(String name, double bound, boolean isCeiling) {
    return new Limit(name, bound, isCeiling, results.ratios(name));
  }

  /** The limits that were missed, in words. */
  List<String> missed() {
    return limits.stream().filter(it -> !it.holds()).map(Limit::toString).toList();
  }

  /** How far the medians of two arms of the same code are apart. */
  private double noise() {
    return results.ratios(MessagingBench.NOISE).values().stream()
        .mapToDouble(Stats::median)
        .map(it -> Math.max(it, 1 / it))
        .max()
        .orElse(Double.NaN);
  }

  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%n%-40s %10s %10s %10s %8s %8s%n",
        "arm",
        "msg/s",
        "least",
        "most",
        "CPU us",
        "bytes");
    results.costs().forEach((arm, costs) -> out.println(line(arm, costs)));
    for (String latency :
        List.of(
            "p99 micros of raw", "p99 micros of ours", "late share of raw", "late share of ours")) {
      results
          .ratios(latency)
          .forEach((cell, it) -> out.printf(Locale.ROOT, "%s, %s: %s%n", cell, latency, shown(it)));
    }
    results.notes().forEach(out::println);
    out.printf(
        "%nThe median of all rounds [where it lies in 95 of 100 cases]; worst cell counts:%n");
    for (Limit limit : limits) {
      out.printf("%s %s%n", limit.holds() ? "holds " : "MISSED", limit);
      limit.cells().forEach((cell, it) -> out.printf("         %-16s %s%n", cell, shown(it)));
    }
    out.printf(Locale.ROOT, "noise_a_over_a %.3f%n", noise());
    results
        .ratios(MessagingBench.NOISE)
        .forEach((cell, it) -> out.printf("         %-16s %s%n", cell, shown(it)));
    if (noise() > RESTLESS) {
      out.println("The machine did something else meanwhile: measure again before believing this.");
    }
  }

  private static String shown(List<Double> samples) {
    if (samples.isEmpty()) {
      return "not measured";
    }
    double[] interval = Stats.interval(samples);
    return String.format(
        Locale.ROOT,
        "%.3f [%.3f, %.3f] of %d",
        Stats.median(samples),
        interval[0],
        interval[1],
        samples.size());
  }

  private static String line(String arm, List<Usage.Cost> costs) {
    List<Double> rates = costs.stream().map(Usage.Cost::perSecond).toList();
    return String.format(
        Locale.ROOT,
        "%-40s %10.0f %10.0f %10.0f %8.2f %8.0f",
        arm,
        Stats.median(rates),
        rates.stream().reduce(Math::min).orElse(Double.NaN),
        rates.stream().reduce(Math::max).orElse(Double.NaN),
        median(costs, Usage.Cost::cpuMicros),
        median(costs, Usage.Cost::bytes));
  }

  private static double median(List<Usage.Cost> costs, ToDoubleFunction<Usage.Cost> of) {
    return Stats.median(costs.stream().map(of::applyAsDouble).toList());
  }

  void write(Path file) throws IOException {
    List<String> ratios = new ArrayList<>();
    List<String> cells = new ArrayList<>();
    for (Limit limit : limits) {
      ratios.add(member(limit.name(), limit.worst()));
      cells.add("    \"" + limit.name() + "\": {" + cells(limit.cells()) + "}");
    }
    List<String> arms = new ArrayList<>();
    results
        .costs()
        .forEach(
            (arm, costs) ->
                arms.add(
                    "    \""
                        + arm
                        + "\": {"
                        + String.join(
                            ", ",
                            member("per_second", median(costs, Usage.Cost::perSecond)),
                            member("cpu_us", median(costs, Usage.Cost::cpuMicros)),
                            member("bytes", median(costs, Usage.Cost::bytes)))
                        + "}"));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        String.join(
            "\n",
            "{",
            "  \"benchmark\": \"messaging\",",
            "  \"jdk\": \"" + Runtime.version() + "\",",
            "  \"parameters\": \"" + parameters + "\",",
            "  \"ratios\": {",
            "    " + String.join(",\n    ", ratios),
            "  },",
            "  " + member("noise_a_over_a", noise()) + ",",
            "  \"cells\": {",
            String.join(",\n", cells),
            "  },",
            "  \"arms\": {",
            String.join(",\n", arms),
            "  }",
            "}",
            ""));
  }

  private static String cells(Map<String, List<Double>> cells) {
    List<String> members = new ArrayList<>();
    cells.forEach(
        (cell, samples) -> {
          if (samples.isEmpty()) {
            members.add("\"" + cell + "\": null");
            return;
          }
          double[] interval = Stats.interval(samples);
          members.add(
              String.format(
                  Locale.ROOT,
                  "\"%s\": {%s, \"interval\": [%.3f, %.3f], \"rounds\": %d}",
                  cell,
                  member("median", Stats.median(samples)),
                  interval[0],
                  interval[1],
                  samples.size()));
        });
    return String.join(", ", members);
  }

  /** JSON knows no NaN. */
  private static String member(String name, double value) {
    return Double.isNaN(value)
        ? "\"" + name + "\": null"
        : String.format(Locale.ROOT, "\"%s\": %.3f", name, value);
  }
}
