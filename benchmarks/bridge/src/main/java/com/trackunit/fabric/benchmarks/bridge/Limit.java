// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.Locale;
import java.util.Map;

/**
 * What is claimed of a number; its worst cell stands for all.
 *
 * @param claim what is good enough, in words
 * @param cells the number of each cell, and whether it is good enough; empty where no cell that was
 *     asked for can tell
 * @param isCeiling whether more is worse
 */
record Limit(String name, String claim, Map<String, Found> cells, boolean isCeiling) {
  /**
   * One cell's.
   *
   * @param value NaN if it could not be measured
   * @param note what one has to know to understand it; or empty
   */
  record Found(double value, boolean isGoodEnough, String note) {
    boolean isMeasured() {
      return !Double.isNaN(value);
    }
  }

  /** What came of it. */
  enum State {
    HOLDS("holds "),
    MISSED("MISSED"),
    NOT_MEASURABLE("?     "),
    NOT_ASKED("-     ");

    final String word;

    State(String word) {
      this.word = word;
    }
  }

  /** NaN if nothing was measured. */
  double worst() {
    return cells.values().stream()
        .filter(Found::isMeasured)
        .map(Found::value)
        .reduce(isCeiling ? Math::max : Math::min)
        .orElse(Double.NaN);
  }

  /** One cell that misses it counts for more than one that could not be measured. */
  State state() {
    if (cells.isEmpty()) {
      return State.NOT_ASKED;
    }
    if (cells.values().stream().anyMatch(it -> it.isMeasured() && !it.isGoodEnough())) {
      return State.MISSED;
    }
    return cells.values().stream().allMatch(Found::isMeasured) ? State.HOLDS : State.NOT_MEASURABLE;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s is %.3f, expected %s", name, worst(), claim);
  }
}
