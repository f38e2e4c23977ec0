// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.testkit.brokers.Verdict;
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
  private final Findings findings;
  private final List<Limit> limits;
  private final double noise;

  Report(String parameters, Findings findings, List<Limit> limits, double noise) {
    this.parameters = parameters;
    this.findings = findings;
    this.limits = limits;
    this.noise = noise;
  }

  /** The limits that were missed, and the promises of ours that a killed broker has broken. */
  List<String> missed() {
    List<String> missed = new ArrayList<>();
    limits.stream()
        .filter(it -> it.state() == Limit.State.MISSED)
        .forEach(it -> missed.add(it.toString()));
    findings.crashes.forEach(
        (run, verdict) -> {
          boolean isKept =
              switch (run.arm().kind()) {
                case OURS -> verdict.isAtLeastOnceInOrder();
                case ONCE -> verdict.isExactlyOnceInOrder();
                default -> true;
              };
          if (!isKept) {
            missed.add(run + " keeps " + run.arm().guarantee() + ", but " + verdict);
          }
        });
    return missed;
  }

  /** What was asked for and could not be said. */
  List<String> unmeasured() {
    List<String> unmeasured = new ArrayList<>();
    limits.stream()
        .filter(it -> it.state() == Limit.State.NOT_MEASURABLE)
        .forEach(it -> unmeasured.add(it.name()));
    findings.failures.forEach(
        (run, why) -> {
          if (!run.arm().kind().isPeer() && run.arm().kind() != Arm.Kind.SMALL_HEAP) {
            unmeasured.add(run + ": " + why);
          }
        });
    return unmeasured;
  }

  void print(PrintStream out) {
    out.printf("%n%-36s %-15s %9s %9s %9s  %s%n", "cell", "arm", "msg/s", "least", "most", "keeps");
    findings.rates.forEach(
        (cell, arms) -> arms.forEach((arm, rounds) -> out.println(line(cell, arm, rounds))));
    findings.failures.forEach((run, why) -> out.printf("%s not runnable: %s%n", run, why));
    printCrashes(out);
    out.printf("%nThe median over the rounds; the worst cell counts:%n");
    for (Limit limit : limits) {
      out.printf("%s %s%n", limit.state().word, limit);
      limit
          .cells()
          .forEach(
              (cell, it) ->
                  out.printf(
                      Locale.ROOT,
                      "    %-6s %-36s %.3f  %s%n",
                      it.isGoodEnough() ? "" : it.isMeasured() ? "MISSED" : "?",
                      cell,
                      it.value(),
                      it.note()));
    }
    out.printf(Locale.ROOT, "noise_a_over_a %.3f, of the worst cell%n", noise);
    if (noise > RESTLESS) {
      out.println("Two arms of the same code differ by more than a tenth: mind that above.");
    }
  }

  private void printCrashes(PrintStream out) {
    out.printf(
        "%n%-36s %-15s %9s %9s %9s %9s  %s%n",
        "RabbitMQ killed once", "arm", "confirmed", "lost", "twice", "reordered", "promises");
    findings.crashes.forEach(
        (run, it) ->
            out.printf(
                "%-36s %-15s %9d %9d %9d %9d  %s%n",
                run.cell(),
                run.arm().name(),
                it.confirmed(),
                it.lost(),
                it.duplicated(),
                it.reordered(),
                run.arm().guarantee()));
  }

  private static String line(Cell cell, Arm arm, Map<Integer, Double> rounds) {
    return String.format(
        Locale.ROOT,
        "%-36s %-15s %9.0f %9.0f %9.0f  %s",
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
      limit.cells().forEach((cell, it) -> found.add(member(cell, it.value())));
      cells.add("\"" + limit.name() + "\": " + object(found));
    }
    List<String> arms = new ArrayList<>();
    findings.rates.forEach(
        (cell, of) -> of.forEach((arm, rounds) -> arms.add(measured(cell, arm, rounds))));
    List<String> crashes = new ArrayList<>();
    findings.crashes.forEach((run, verdict) -> crashes.add(crash(run, verdict)));
    List<String> failures = new ArrayList<>();
    findings.failures.forEach((run, why) -> failures.add(text(run.toString(), why)));
    List<String> sizes = new ArrayList<>();
    findings.transactionSizes.forEach((cell, it) -> sizes.add(member(cell.toString(), it)));
    List<String> p99s = new ArrayList<>();
    findings.p99Millis.forEach((cell, it) -> p99s.add(member(cell.toString(), it)));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        String.join(
            ",\n",
            "{\n  " + text("benchmark", "bridge"),
            "  " + text("jdk", Runtime.version().toString()),
            "  " + text("parameters", parameters),
            section("ratios", ratios),
            "  " + member(Ratios.NOISE, noise),
            section("cells", cells),
            section("messages_a_transaction", sizes),
            section("effectively_once_p99_ms", p99s),
            section("arms", arms),
            section("rabbitmq_killed", crashes),
            section("not_runnable", failures) + "\n}\n"));
  }

  private static String measured(Cell cell, Arm arm, Map<Integer, Double> rounds) {
    return "\""
        + new Findings.Run(cell, arm)
        + "\": "
        + object(
            List.of(
                member("per_second", Rates.median(rounds.values())),
                text("keeps", arm.guarantee())));
  }

  private static String crash(Findings.Run run, Verdict verdict) {
    return "\""
        + run
        + "\": "
        + object(
            List.of(
                "\"confirmed\": " + verdict.confirmed(),
                "\"lost\": " + verdict.lost(),
                "\"duplicated\": " + verdict.duplicated(),
                "\"reordered\": " + verdict.reordered(),
                text("promises", run.arm().guarantee())));
  }

  private static String section(String name, List<String> members) {
    return "  \""
        + name
        + "\": {"
        + (members.isEmpty() ? "" : "\n    " + String.join(",\n    ", members) + "\n  ")
        + "}";
  }

  private static String object(List<String> members) {
    return "{" + String.join(", ", members) + "}";
  }

  private static String text(String name, String value) {
    String plain = value.replace('\\', '/').replace('"', '\'').replaceAll("\\p{Cntrl}", " ");
    return "\"" + name + "\": \"" + plain + "\"";
  }

  /** JSON knows neither NaN nor infinity. */
  private static String member(String name, double value) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, "\"%s\": %.3f", name, value)
        : "\"" + name + "\": null";
  }
}
