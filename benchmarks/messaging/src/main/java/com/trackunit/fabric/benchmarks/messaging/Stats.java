// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.util.List;

/** What some samples say together. */
final class Stats {
  private Stats() {}

  static double median(List<Double> samples) {
    double[] sorted = sorted(samples);
    int middle = sorted.length / 2;
    return sorted.length == 0
        ? Double.NaN
        : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Between which two samples the median lies, in at least 95 of 100 cases where that is known. */
  static double[] interval(List<Double> samples) {
    double[] sorted = sorted(samples);
    int n = sorted.length;
    int outside = -1; // how many samples may be left out on each side
    double tail = 0;
    double probability = Math.pow(0.5, n); // of k samples below the median
    for (int k = 0; k < n / 2; k++) {
      tail += probability;
      if (tail > 0.025) {
        break;
      }
      outside = k;
      probability = probability * (n - k) / (k + 1);
    }
    int low = Math.max(0, outside);
    return new double[] {sorted[low], sorted[n - 1 - low]};
  }

  private static double[] sorted(List<Double> samples) {
    return samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }
}
