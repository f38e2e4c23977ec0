// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is claimed of a ratio: it holds for the median over the rounds of its worst cell.
 *
 * @param bound the worst that is good enough
 * @param isCeiling whether more than the bound is a miss; else less than it is
 * @param cells the ratio of each round, by what was measured
 */
record Limit(String name, double bound, boolean isCeiling, Map<String, List<Double>> cells) {

  /** The cell that stands for all; one that is no number does before any other. */
  double worst() {
    return cells.values().stream()
        .map(Stats::median)
        .reduce(isCeiling ? Math::max : Math::min)
        .orElse(Double.NaN);
  }

  /** False if a cell has no samples, or there is no cell. */
  boolean isMeasured() {
    return !Double.isNaN(worst());
  }

  /** What was not measured, a NaN, holds for nothing. */
  boolean holds() {
    return isCeiling ? worst() <= bound : worst() >= bound;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s is %s, %s %.2f",
        name,
        isMeasured() ? String.format(Locale.ROOT, "%.3f", worst()) : "not measured",
        isCeiling ? "expected at most" : "expected at least",
        bound);
  }
}
