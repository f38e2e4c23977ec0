// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What is claimed of the speeds, for the cells that were asked for. */
final class Ratios {
  /** The ratio of two arms of the same code. */
  static final String NOISE = "noise_a_over_a";

  private static final String TO_RABBIT = "kafka_to_rabbit";
  private static final String TO_KAFKA = "rabbit_to_kafka";
  private static final double OVER_RAW = 0.9;
  private static final double OVER_PEER = 2;

  /** A peer that reaches this part of raw cannot be beaten by two. */
  private static final double NEAR_RAW = 0.45;

  private static final double ONCE_OVER_ONCE_AND_MORE = 0.6;
  private static final double HEAP_MIB = 128;

  private final Findings findings;
  private final Arms arms;
  private final List<Cell> asked;

  Ratios(Findings findings, Arms arms, List<Cell> asked) {
    this.findings = findings;
    this.arms = arms;
    this.asked = asked;
  }

  List<Limit> limits() {
    List<Limit> limits = new ArrayList<>();
    for (String direction : List.of(TO_RABBIT, TO_KAFKA)) {
      limits.add(over(direction, direction + "_over_raw", Arm.Kind.OURS, Arm.Kind.RAW, OVER_RAW));
    }
    for (String direction : List.of(TO_RABBIT, TO_KAFKA)) {
      limits.add(overBestPeer(direction));
    }
    limits.add(
        over(
            TO_KAFKA,
            "effectively_once_over_at_least_once",
            Arm.Kind.ONCE,
            Arm.Kind.OURS,
            ONCE_OVER_ONCE_AND_MORE));
    limits.add(heap());
    return limits;
  }

  /** How far two arms of the same code are apart, in the worst of the cells. */
  double noise() {
    return asked.stream()
        .mapToDouble(
            cell -> {
              double ratio =
                  findings.rates.ratio(
                      cell, only(cell, Arm.Kind.RAW_AGAIN), only(cell, Arm.Kind.RAW));
              return Math.max(ratio, 1 / ratio);
            })
        .filter(it -> !Double.isNaN(it))
        .max()
        .orElse(Double.NaN);
  }

  private Limit heap() {
    Map<String, Limit.Found> cells = new LinkedHashMap<>();
    findings.peaks.forEach(
        (run, mib) ->
            cells.put(
                run.toString(),
                new Limit.Found(
                    mib, mib <= HEAP_MIB, Double.isInfinite(mib) ? "died" : "garbage too")));
    return new Limit("peak_heap_mib_64k", "at most " + HEAP_MIB, cells, true);
  }

  private Limit over(String direction, String name, Arm.Kind above, Arm.Kind below, double bound) {
    Map<String, Limit.Found> cells = new LinkedHashMap<>();
    for (Cell cell : asked(direction)) {
      double ratio = findings.rates.ratio(cell, only(cell, above), only(cell, below));
      String note =
          above == Arm.Kind.ONCE
              ? String.format(
                  Locale.ROOT,
                  "%.0f messages a transaction, end-to-end p99 %.1f ms at half of its rate",
                  findings.transactionSizes.getOrDefault(cell, Double.NaN),
                  findings.p99Millis.getOrDefault(cell, Double.NaN))
              : "";
      cells.put(cell.toString(), new Limit.Found(ratio, ratio >= bound, note));
    }
    return new Limit(name, "at least " + bound, cells, false);
  }

  private Limit overBestPeer(String direction) {
    Map<String, Limit.Found> cells = new LinkedHashMap<>();
    for (Cell cell : asked(direction)) {
      Arm raw = only(cell, Arm.Kind.RAW);
      Arm ours = only(cell, Arm.Kind.OURS);
      double overRaw = findings.rates.ratio(cell, ours, raw);
      Limit.Found found =
          bestPeer(cell)
              .map(
                  peer -> {
                    double ratio = findings.rates.ratio(cell, ours, peer);
                    double peerOverRaw = findings.rates.ratio(cell, peer, raw);
                    boolean isNearRaw = peerOverRaw > NEAR_RAW && overRaw >= OVER_RAW;
                    return new Limit.Found(
                        ratio,
                        ratio >= OVER_PEER || isNearRaw,
                        String.format(
                            Locale.ROOT,
                            "%s is %.2f of raw, ours %.2f%s",
                            peer.name(),
                            peerOverRaw,
                            overRaw,
                            isSafe(cell, peer) ? "" : "; none is at least once, so the fastest"));
                  })
              .orElseGet(() -> new Limit.Found(Double.NaN, false, "no peer ran"));
      cells.put(cell.toString(), found);
    }
    return new Limit(
        direction + "_over_best_peer",
        "at least 2, or 0.9 of raw where the peer is above 0.45 of raw",
        cells,
        false);
  }

  /** The fastest that loses nothing, else the fastest. */
  private Optional<Arm> bestPeer(Cell cell) {
    return fastest(cell, arm -> arm.kind().isPeer() && isSafe(cell, arm))
        .or(() -> fastest(cell, arm -> arm.kind().isPeer()));
  }

  private boolean isSafe(Cell cell, Arm peer) {
    return peer.kind() == Arm.Kind.PEER && !findings.hasLost(cell.toRabbit(), peer);
  }

  private Optional<Arm> fastest(Cell cell, Predicate<Arm> which) {
    return arms.of(cell).stream()
        .filter(which)
        .filter(arm -> !Double.isNaN(findings.rates.perSecond(cell, arm)))
        .max(Comparator.comparingDouble(arm -> findings.rates.perSecond(cell, arm)));
  }

  private List<Cell> asked(String direction) {
    return asked.stream().filter(it -> it.direction().equals(direction)).toList();
  }

  private Arm only(Cell cell, Arm.Kind kind) {
    return arms.of(cell).stream().filter(arm -> arm.kind() == kind).findAny().orElseThrow();
  }
}
