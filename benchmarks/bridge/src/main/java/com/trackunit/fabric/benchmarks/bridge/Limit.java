// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.Locale;
import java.util.Map;

/**
 * What is claimed of a number; its worst cell stands for all.
 *
 * @param claim what is good enough, in words
 * @param cells the number of each cell, and whether it is good enough
 * @param isCeiling whether more is worse
 */
record Limit(String name, String claim, Map<Cell, Found> cells, boolean isCeiling) {
  /**
   * One cell's.
   *
   * @param note what one has to know to understand it; or empty
   */
  record Found(double value, boolean isGoodEnough, String note) {}

  /** NaN if nothing was measured. */
  double worst() {
    return cells.values().stream()
        .map(Found::value)
        .reduce(isCeiling ? Math::max : Math::min)
        .orElse(Double.NaN);
  }

  /** What was not measured holds for nothing. */
  boolean holds() {
    return !cells.isEmpty() && cells.values().stream().allMatch(Found::isGoodEnough);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s is %.3f, expected %s", name, worst(), claim);
  }
}
