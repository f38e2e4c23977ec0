// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.util.Locale;

/**
 * A median and where it lies with 95 % certainty, whatever the distribution: between two of the
 * values in their order (the binomial law, as its normal approximation).
 *
 * @param low the least it may be
 * @param median of the values
 * @param high the most it may be
 */
record Interval(double low, double median, double high) {
  static Interval of(double[] sorted) {
    int last = sorted.length - 1;
    double middle = last / 2.0;
    double width = 0.98 * Math.sqrt(sorted.length);
    return new Interval(
        sorted[(int) Math.max(0, Math.floor(middle - width))],
        (sorted[(int) Math.floor(middle)] + sorted[(int) Math.ceil(middle)]) / 2,
        sorted[(int) Math.min(last, Math.ceil(middle + width))]);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", median, low, high);
  }
}
