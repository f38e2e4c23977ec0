// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import java.util.Locale;
import java.util.Map;

/**
 * What is claimed of a ratio, which holds for the worst of its cells.
 *
 * @param bound the worst that is good enough
 * @param isCeiling whether more than the bound is a miss; else less than it is
 * @param cells by what was measured, such as the provider
 */
record Limit(String name, double bound, boolean isCeiling, Map<String, Double> cells) {

  /** The cell that stands for all. */
  double worst() {
    return cells.values().stream()
        .reduce(isCeiling ? Math::max : Math::min)
        .orElseThrow(() -> new IllegalStateException(name + ": nothing was measured"));
  }

  /** What was not measured, a NaN, holds for nothing. */
  boolean holds() {
    return isCeiling ? worst() <= bound : worst() >= bound;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s is %.3f, %s %.2f",
        name,
        worst(),
        isCeiling ? "at most" : "at least",
        bound);
  }
}
