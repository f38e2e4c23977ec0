// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What came out, as a table for people and as JSON for machines. */
final class Report {
  /** Two arms of the same code that differ by more than this: the machine was not at rest. */
  private static final double RESTLESS = 1.1;

  private final String parameters;
  private final Rates rates;
  private final List<Limit> limits;

  Report(String parameters, Rates rates, List<Limit> limits) {
    this.parameters = parameters;
    this.rates = rates;
    this.limits = limits;
  }

  /** The limits that were missed, in words. */
  List<String> missed() {
    return limits.stream().filter(it -> !it.holds()).map(Limit::toString).toList();
  }

  void print(PrintStream out) {
    out.printf("%n%-36s %-18s %9s %9s %9s  %s%n", "cell", "arm", "msg/s", "least", "most", "keeps");
    rates.forEach(
        (cell, arms) -> arms.forEach((arm, rounds) -> out.println(line(cell, arm, rounds))));
    out.printf("%nThe median over the rounds; the worst cell counts:%n");
    for (Limit limit : limits) {
      out.printf("%s %s%n", limit.holds() ? "holds " : "MISSED", limit);
      limit
          .cells()
          .forEach(
              (cell, it) ->
                  out.printf(
                      Locale.ROOT,
                      "    %-6s %-36s %.3f  %s%n",
                      it.isGoodEnough() ? "" : "MISSED",
                      cell,
                      it.value(),
                      it.note()));
    }
    double noise = Ratios.noise(rates);
    out.printf(Locale.ROOT, "noise_a_over_a %.3f%n", noise);
    if (noise > RESTLESS) {
      out.println("Two arms of the same code differ by more than a tenth: mind that above.");
    }
  }

  private static String line(Cell cell, Arm arm, Map<Integer, Double> rounds) {
    return String.format(
        Locale.ROOT,
        "%-36s %-18s %9.0f %9.0f %9.0f  %s",
        cell,
        arm.name(),
        Rates.median(rounds.values()),
        rounds.values().stream().reduce(Math::min).orElse(Double.NaN),
        rounds.values().stream().reduce(Math::max).orElse(Double.NaN),
        arm.guarantee());
  }

  void write(Path file) throws IOException {
    List<String> ratios = new ArrayList<>();
    List<String> cells = new ArrayList<>();
    for (Limit limit : limits) {
      ratios.add(member(limit.name(), limit.worst()));
      List<String> found = new ArrayList<>();
      limit.cells().forEach((cell, it) -> found.add(member(cell.toString(), it.value())));
      cells.add("    \"" + limit.name() + "\": {" + String.join(", ", found) + "}");
    }
    List<String> arms = new ArrayList<>();
    rates.forEach(
        (cell, of) ->
            of.forEach(
                (arm, rounds) ->
                    arms.add(
                        "    \""
                            + cell
                            + " "
                            + arm.name()
                            + "\": {"
                            + member("per_second", Rates.median(rounds.values()))
                            + ", \"keeps\": \""
                            + arm.guarantee()
                            + "\"}")));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        String.join(
            "\n",
            "{",
            "  \"benchmark\": \"bridge\",",
            "  \"jdk\": \"" + Runtime.version() + "\",",
            "  \"parameters\": \"" + parameters + "\",",
            "  \"ratios\": {",
            "    " + String.join(",\n    ", ratios),
            "  },",
            "  " + member(Ratios.NOISE, Ratios.noise(rates)) + ",",
            "  \"cells\": {",
            String.join(",\n", cells),
            "  },",
            "  \"arms\": {",
            String.join(",\n", arms),
            "  }",
            "}",
            ""));
  }

  /** JSON knows no NaN. */
  private static String member(String name, double value) {
    return Double.isNaN(value)
        ? "\"" + name + "\": null"
        : String.format(Locale.ROOT, "\"%s\": %.3f", name, value);
  }
}
