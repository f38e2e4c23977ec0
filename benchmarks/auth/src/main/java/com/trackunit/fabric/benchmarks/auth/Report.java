// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What came out of some rounds, as a table for people and as JSON for machines. */
final class Report {
  private static final List<String> PROVIDERS = List.of("JDK", "Conscrypt");
  private static final List<String> GARBAGE = List.of("HugeHeader", "BadBase64", "DuplicateMember");

  /** Two arms of the same code that differ by more than this: the machine was not at rest. */
  private static final double RESTLESS = 1.1;

  private final String parameters;
  private final Map<String, List<Double>> micros = new LinkedHashMap<>();
  private final Map<String, List<Double>> bytes = new LinkedHashMap<>();
  private final Map<String, List<Double>> pairs = new LinkedHashMap<>();
  private final List<Limit> limits;
  private final double noise;

  /**
   * @param parameters how it was measured
   * @param rounds what each round measured, of every arm
   */
  Report(String parameters, List<Collection<RunResult>> rounds) {
    this.parameters = parameters;
    rounds.forEach(round -> round.forEach(this::add));
    this.limits =
        List.of(
            new Limit("cold_over_rsa_verify", 1.25, true, byProvider(this::coldOverBare)),
            new Limit("cold_speedup_over_nimbus", 1.3, false, ratio("nimbus", "oursCold")),
            new Limit("cold_speedup_over_spring", 1.3, false, ratio("spring", "oursCold")),
            new Limit("warm_speedup_over_spring", 30, false, ratio("spring", "oursWarm")),
            new Limit(
                "known_kid_p99_during_hung_refresh_over_idle",
                2,
                true,
                Map.of("JDK", micros("knownKidP99/hung") / micros("knownKidP99/idle"))),
            new Limit("refused_garbage_over_cold", 0.1, true, garbage()));
    this.noise =
        ratio("bareRsaVerifyAgain", "bareRsaVerify").values().stream()
            .reduce(1.0, (worst, it) -> Math.max(worst, Math.max(it, 1 / it)));
  }

  private void add(RunResult result) {
    Result<?> time = result.getPrimaryResult();
    String refresh = result.getParams().getParam("refresh");
    if (time.getLabel().equals("inTurns")) {
      addPairs(result);
      return;
    }
    boolean isSampled = refresh != null;
    String arm =
        isSampled
            ? "knownKidP99/" + refresh
            : time.getLabel() + "/" + result.getParams().getParam("provider");
    List<Double> measured = micros.computeIfAbsent(arm, it -> new ArrayList<>());
    if (isSampled) {
      measured.add(time.getStatistics().getPercentile(99));
    } else {
      result
          .getAggregatedResult()
          .getIterationResults()
          .forEach(it -> measured.add(it.getPrimaryResult().getScore()));
    }
    Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
    bytes
        .computeIfAbsent(arm, it -> new ArrayList<>())
        .add(allocated == null ? Double.NaN : allocated.getScore());
  }

  /** The median of what pairs of neighbouring iterations of one process say. */
  private double coldOverBare(String provider) {
    return median(pairs.getOrDefault(provider, List.of(Double.NaN)));
  }

  /** The signature alone and ours cold take turns, in this order. */
  private void addPairs(RunResult result) {
    List<Double> ratios =
        pairs.computeIfAbsent(
            result.getParams().getParam("provider"), provider -> new ArrayList<>());
    double bare = Double.NaN;
    boolean isOurs = false;
    for (IterationResult iteration : result.getAggregatedResult().getIterationResults()) {
      double micros = iteration.getPrimaryResult().getScore();
      if (isOurs) {
        ratios.add(micros / bare);
      }
      bare = micros;
      isOurs = !isOurs;
    }
  }

  private Map<String, Double> ratio(String above, String below) {
    return byProvider(it -> micros(above + "/" + it) / micros(below + "/" + it));
  }

  private Map<String, Double> garbage() {
    Map<String, Double> cells = new LinkedHashMap<>();
    for (String kind : GARBAGE) {
      ratio("garbage" + kind, "oursCold")
          .forEach((provider, it) -> cells.put(kind + "/" + provider, it));
    }
    return cells;
  }

  private static Map<String, Double> byProvider(Function<String, Double> measure) {
    Map<String, Double> cells = new LinkedHashMap<>();
    PROVIDERS.forEach(it -> cells.put(it, measure.apply(it)));
    return cells;
  }

  /** The least that was measured: whatever else a machine does, it only adds to it. */
  private double micros(String arm) {
    return least(micros.getOrDefault(arm, List.of()));
  }

  private static double least(List<Double> measured) {
    return measured.stream().reduce(Math::min).orElse(Double.NaN);
  }

  private static double median(List<Double> measured) {
    double[] sorted = measured.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The limits that were missed, in words. */
  List<String> missed() {
    return limits.stream().filter(it -> !it.holds()).map(Limit::toString).toList();
  }

  void print(PrintStream out) {
    out.printf(Locale.ROOT, "%n%-36s %10s %10s %10s%n", "arm", "us/op", "median", "bytes/op");
    micros.forEach(
        (arm, measured) ->
            out.printf(
                Locale.ROOT,
                "%-36s %10.2f %10.2f %10.0f%n",
                arm,
                least(measured),
                median(measured),
                median(bytes.getOrDefault(arm, List.of(Double.NaN)))));
    out.println(
        "us/op is the least of all iterations (of a p99: of all rounds), and makes the ratios;"
            + " cold_over_rsa_verify is the median of pairs measured in turns.");
    out.printf(Locale.ROOT, "%n%-46s %8s %10s%n", "ratio, the worst of its cells", "is", "limit");
    for (Limit limit : limits) {
      out.printf(
          Locale.ROOT,
          "%-46s %8.3f %s %.2f  %s %s%n",
          limit.name(),
          limit.worst(),
          limit.isCeiling() ? " at most" : "at least",
          limit.bound(),
          limit.holds() ? "holds " : "MISSED",
          shown(limit.cells(), "%s %.3f", " "));
    }
    out.printf(Locale.ROOT, "%-46s %8.3f%n", "noise_a_over_a", noise);
    if (noise > RESTLESS) {
      out.println("The machine did something else meanwhile: measure again before believing this.");
    }
  }

  void write(Path file) throws IOException {
    Map<String, Double> ratios = new LinkedHashMap<>();
    List<String> cells = new ArrayList<>();
    for (Limit limit : limits) {
      ratios.put(limit.name(), limit.worst());
      cells.add(
          "    \"" + limit.name() + "\": {" + shown(limit.cells(), "\"%s\": %.3f", ", ") + "}");
    }
    List<String> arms = new ArrayList<>();
    micros.forEach(
        (arm, measured) ->
            arms.add(
                String.format(
                    Locale.ROOT,
                    "    \"%s\": {\"us_per_op\": %.3f, \"median\": %.3f, \"bytes_per_op\": %.0f}",
                    arm,
                    least(measured),
                    median(measured),
                    median(bytes.getOrDefault(arm, List.of(Double.NaN))))));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        String.join(
            "\n",
            "{",
            "  \"benchmark\": \"auth\",",
            "  \"jdk\": \"" + Runtime.version() + "\",",
            "  \"parameters\": \"" + parameters + "\",",
            "  \"ratios\": {",
            "    " + shown(ratios, "\"%s\": %.3f", ",\n    "),
            "  },",
            "  \"noise_a_over_a\": " + String.format(Locale.ROOT, "%.3f", noise) + ",",
            "  \"cells\": {",
            String.join(",\n", cells),
            "  },",
            "  \"arms\": {",
            String.join(",\n", arms),
            "  }",
            "}",
            ""));
  }

  private static String shown(Map<String, Double> values, String form, String between) {
    List<String> shown = new ArrayList<>();
    values.forEach((name, value) -> shown.add(String.format(Locale.ROOT, form, name, value)));
    return String.join(between, shown);
  }
}
