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
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What came out of a run, as a table for people and as JSON for machines. */
final class Report {
  private static final List<String> PROVIDERS = List.of("JDK", "Conscrypt");

  private record Arm(double micros, double error, double bytes) {}

  private final Map<String, Arm> arms = new LinkedHashMap<>();
  private final Map<String, Double> ratios = new LinkedHashMap<>();
  private double idleP99;
  private double hungP99;

  Report(Collection<RunResult> results) {
    for (RunResult result : results) {
      String name = result.getPrimaryResult().getLabel();
      String refresh = result.getParams().getParam("refresh");
      if (refresh != null) {
        double p99 = result.getPrimaryResult().getStatistics().getPercentile(99);
        if (refresh.equals("idle")) {
          idleP99 = p99;
        } else {
          hungP99 = p99;
        }
        continue;
      }
      Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
      arms.put(
          name + "/" + result.getParams().getParam("provider"),
          new Arm(
              result.getPrimaryResult().getScore(),
              result.getPrimaryResult().getScoreError(),
              bytes == null ? Double.NaN : bytes.getScore()));
    }
    compare();
  }

  /** The worst of the providers stands for each claim. */
  private void compare() {
    ratios.put("cold_over_rsa_verify", worstOf("oursCold", "bareRsaVerify", true));
    ratios.put("cold_speedup_over_nimbus", worstOf("nimbus", "oursCold", false));
    ratios.put("cold_speedup_over_spring", worstOf("spring", "oursCold", false));
    ratios.put("warm_speedup_over_spring", worstOf("spring", "oursWarm", false));
    ratios.put("known_kid_p99_during_hung_refresh_over_idle", hungP99 / idleP99);
    double garbage = 0;
    for (String kind : List.of("HugeHeader", "BadBase64", "DuplicateMember")) {
      garbage = Math.max(garbage, worstOf("garbage" + kind, "oursCold", true));
    }
    ratios.put("refused_garbage_over_cold", garbage);
    ratios.put("noise_a_over_a", worstOf("bareRsaVerifyAgain", "bareRsaVerify", true));
    for (String provider : PROVIDERS) {
      ratios.put(
          "cold_over_rsa_verify_" + provider.toLowerCase(Locale.ROOT),
          ratio("oursCold", "bareRsaVerify", provider));
    }
  }

  private double worstOf(String above, String below, boolean isHighWorse) {
    double first = ratio(above, below, PROVIDERS.get(0));
    double second = ratio(above, below, PROVIDERS.get(1));
    return isHighWorse ? Math.max(first, second) : Math.min(first, second);
  }

  private double ratio(String above, String below, String provider) {
    return arm(above, provider).micros() / arm(below, provider).micros();
  }

  private Arm arm(String name, String provider) {
    return arms.getOrDefault(name + "/" + provider, new Arm(Double.NaN, 0, 0));
  }

  void print(PrintStream out) {
    out.printf(Locale.ROOT, "%n%-36s %12s %10s %12s%n", "arm", "us/op", "+-", "bytes/op");
    arms.forEach(
        (name, arm) ->
            out.printf(
                Locale.ROOT,
                "%-36s %12.2f %10.2f %12.0f%n",
                name,
                arm.micros(),
                arm.error(),
                arm.bytes()));
    out.printf(Locale.ROOT, "known kid, p99: %.1f us idle, %.1f us hung%n%n", idleP99, hungP99);
    ratios.forEach((name, ratio) -> out.printf(Locale.ROOT, "%-46s %8.3f%n", name, ratio));
  }

  void write(Path file) throws IOException {
    List<String> shownArms = new ArrayList<>();
    arms.forEach(
        (name, arm) ->
            shownArms.add(
                String.format(
                    Locale.ROOT,
                    "    \"%s\": {\"us_per_op\": %.3f, \"error\": %.3f, \"bytes_per_op\": %.0f}",
                    name,
                    arm.micros(),
                    arm.error(),
                    arm.bytes())));
    List<String> shownRatios = new ArrayList<>();
    ratios.forEach(
        (name, ratio) ->
            shownRatios.add(String.format(Locale.ROOT, "    \"%s\": %.3f", name, ratio)));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        "{\n  \"benchmark\": \"auth\",\n  \"jdk\": \""
            + Runtime.version()
            + "\",\n  \"ratios\": {\n"
            + String.join(",\n", shownRatios)
            + "\n  },\n  \"arms\": {\n"
            + String.join(",\n", shownArms)
            + "\n  }\n}\n");
  }
}
