// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What came out, as a table for people and as JSON for machines. */
final class Report {
  static final String OURS = "ours";
  static final String OKHTTP = "okhttp";
  static final String OKHTTP_AGAIN = "okhttpAgain";
  static final String RETROFIT = "retrofit";

  /** Our requests a second over those of bare OkHttp must be at least this, in every cell. */
  private static final double LEAST = 0.95;

  /** Two arms of the same code that differ by more than this: the machine was not at rest. */
  private static final double RESTLESS = 0.03;

  private final String parameters;
  private final Map<Cell, Rounds> cells;

  Report(String parameters, Map<Cell, Rounds> cells) {
    this.parameters = parameters;
    this.cells = cells;
  }

  /** The limits that were missed, in words. */
  List<String> missed() {
    double worst = worst();
    return worst >= LEAST
        ? List.of()
        : List.of(
            String.format(Locale.ROOT, "client_over_okhttp is %.3f, at least %.2f", worst, LEAST));
  }

  void print(PrintStream out) {
    out.printf("%n%-28s %10s %9s %8s %8s%n", "arm", "req/s", "p99 us", "CPU us", "bytes");
    cells.forEach(
        (cell, rounds) ->
            rounds
                .arms()
                .forEach(
                    arm ->
                        out.printf(
                            Locale.ROOT,
                            "%-28s %10.0f %9.0f %8.1f %8.0f%n",
                            cell + " " + arm,
                            rounds.perSecond(arm),
                            rounds.p99Micros(arm),
                            rounds.cpuMicros(arm),
                            rounds.bytes(arm))));
    out.printf("%nRequests a second over those of okhttp: median of the rounds [95 %% interval]%n");
    out.printf("%-20s %-22s %-22s %-22s%n", "", OURS, OKHTTP_AGAIN, RETROFIT);
    cells.forEach(
        (cell, rounds) ->
            out.printf(
                "%-20s %-22s %-22s %-22s%n",
                cell,
                rounds.ratio(OURS, OKHTTP),
                rounds.ratio(OKHTTP_AGAIN, OKHTTP),
                rounds.ratio(RETROFIT, OKHTTP)));
    out.printf(
        Locale.ROOT,
        "client_over_okhttp %.3f in the worst cell, at least %.2f; noise_a_over_a %.3f%n",
        worst(),
        LEAST,
        noise());
    if (Math.abs(noise() - 1) > RESTLESS) {
      out.println("The machine did something else meanwhile: measure again before believing this.");
    }
  }

  void write(Path file) throws IOException {
    ObjectNode json = Wire.MAPPER.createObjectNode();
    json.put("benchmark", "ingestion")
        .put("jdk", Runtime.version().toString())
        .put("parameters", parameters);
    json.putObject("ratios").put("client_over_okhttp", rounded(worst()));
    json.put("noise_a_over_a", rounded(noise()));
    ObjectNode byCell = json.putObject("cells");
    cells.forEach((cell, rounds) -> describe(byCell.putObject(cell.toString()), rounds));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Wire.MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), json);
  }

  private static void describe(ObjectNode json, Rounds rounds) {
    Interval ours = rounds.ratio(OURS, OKHTTP);
    json.put("client_over_okhttp", rounded(ours.median()))
        .put("client_over_okhttp_low", rounded(ours.low()))
        .put("client_over_okhttp_high", rounded(ours.high()))
        .put("retrofit_over_okhttp", rounded(rounds.ratio(RETROFIT, OKHTTP).median()))
        .put("noise_a_over_a", rounded(rounds.ratio(OKHTTP_AGAIN, OKHTTP).median()));
    ObjectNode arms = json.putObject("arms");
    for (String arm : rounds.arms()) {
      arms.putObject(arm)
          .put("per_second", Math.round(rounds.perSecond(arm)))
          .put("p99_us", Math.round(rounds.p99Micros(arm)))
          .put("cpu_us", rounded(rounds.cpuMicros(arm)))
          .put("bytes", Math.round(rounds.bytes(arm)));
    }
  }

  /** The least median of all cells. */
  private double worst() {
    return cells.values().stream()
        .mapToDouble(rounds -> rounds.ratio(OURS, OKHTTP).median())
        .min()
        .orElse(Double.NaN);
  }

  /** The A/A ratio that is farthest from 1. */
  private double noise() {
    return cells.values().stream()
        .map(rounds -> rounds.ratio(OKHTTP_AGAIN, OKHTTP).median())
        .reduce((a, b) -> Math.abs(a - 1) > Math.abs(b - 1) ? a : b)
        .orElse(Double.NaN);
  }

  private static double rounded(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }
}
