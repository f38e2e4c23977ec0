// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What is claimed of the speeds. */
final class Ratios {
  /** The ratio of two arms of the same code. */
  static final String NOISE = "noise_a_over_a";

  private static final double OVER_RAW = 0.9;
  private static final double OVER_PEER = 2;

  /** A peer that reaches this part of raw cannot be beaten by two. */
  private static final double NEAR_RAW = 0.45;

  private static final double ONCE_OVER_ONCE_AND_MORE = 0.6;

  private static final double HEAP_MIB = 128;

  private Ratios() {}

  static List<Limit> of(Rates rates, Speed speed) {
    List<Limit> limits = new ArrayList<>();
    for (String direction : List.of("kafka_to_rabbit", "rabbit_to_kafka")) {
      limits.add(over(rates, direction, direction + "_over_raw", Arm.Kind.OURS, Arm.Kind.RAW));
    }
    for (String direction : List.of("kafka_to_rabbit", "rabbit_to_kafka")) {
      limits.add(overBestPeer(rates, direction));
    }
    Limit once =
        over(
            rates,
            "rabbit_to_kafka",
            "effectively_once_over_at_least_once",
            Arm.Kind.ONCE,
            Arm.Kind.OURS);
    speed
        .transactionSizes()
        .forEach(
            (cell, size) ->
                once.cells()
                    .computeIfPresent(
                        cell,
                        (key, it) ->
                            new Limit.Found(
                                it.value(),
                                it.isGoodEnough(),
                                Math.round(size) + " messages a transaction")));
    limits.add(once);
    limits.add(heap(speed.peaks()));
    return limits;
  }

  private static Limit heap(Map<Cell, Double> peaks) {
    Map<Cell, Limit.Found> cells = new LinkedHashMap<>();
    peaks.forEach(
        (cell, mib) -> cells.put(cell, new Limit.Found(mib, mib <= HEAP_MIB, "garbage too")));
    return new Limit("peak_heap_mib_64k", "at most " + HEAP_MIB, cells, true);
  }

  private static Limit over(
      Rates rates, String direction, String name, Arm.Kind above, Arm.Kind below) {
    double bound = above == Arm.Kind.ONCE ? ONCE_OVER_ONCE_AND_MORE : OVER_RAW;
    Map<Cell, Limit.Found> cells = new LinkedHashMap<>();
    rates.forEach(
        (cell, arms) -> {
          if (cell.direction().equals(direction)) {
            double ratio =
                best(arms, below).map(it -> rates.ratio(cell, above, it)).orElse(Double.NaN);
            cells.put(cell, new Limit.Found(ratio, ratio >= bound, ""));
          }
        });
    return new Limit(name, "at least " + bound, cells, false);
  }

  private static Limit overBestPeer(Rates rates, String direction) {
    Map<Cell, Limit.Found> cells = new LinkedHashMap<>();
    rates.forEach(
        (cell, arms) -> {
          Arm peer =
              best(arms, Arm.Kind.PEER).or(() -> best(arms, Arm.Kind.LOSING_PEER)).orElse(null);
          Arm raw = best(arms, Arm.Kind.RAW).orElse(null);
          if (cell.direction().equals(direction) && peer != null && raw != null) {
            double ratio = rates.ratio(cell, Arm.Kind.OURS, peer);
            double overRaw = rates.ratio(cell, Arm.Kind.OURS, raw);
            double peerOverRaw = rates.ratio(cell, peer.kind(), raw);
            boolean isNearRaw = peerOverRaw > NEAR_RAW && overRaw >= OVER_RAW;
            cells.put(
                cell,
                new Limit.Found(
                    ratio,
                    ratio >= OVER_PEER || isNearRaw,
                    peer.name()
                        + String.format(
                            Locale.ROOT, " is %.2f of raw, ours %.2f", peerOverRaw, overRaw)));
          }
        });
    return new Limit(
        direction + "_over_best_peer",
        "at least 2, or 0.9 of raw where the peer is above 0.45 of raw",
        cells,
        false);
  }

  /** The fastest of a kind. */
  private static Optional<Arm> best(Map<Arm, Map<Integer, Double>> arms, Arm.Kind kind) {
    return arms.keySet().stream()
        .filter(arm -> arm.kind() == kind)
        .max(
            Comparator.comparingDouble(
                arm -> Rates.median(arms.getOrDefault(arm, Map.of()).values())));
  }

  /** How far two arms of the same code are apart, in the median of the cells. */
  static double noise(Rates rates) {
    List<Double> cells = new ArrayList<>();
    rates.forEach(
        (cell, arms) ->
            best(arms, Arm.Kind.RAW)
                .map(raw -> rates.ratio(cell, Arm.Kind.RAW_AGAIN, raw))
                .filter(it -> !Double.isNaN(it))
                .ifPresent(it -> cells.add(Math.max(it, 1 / it))));
    return Rates.median(cells);
  }
}
