// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.util.Arrays;
import java.util.stream.LongStream;

/** What a few calls of one arm cost, made one after the other on each thread. */
final class Slice {
  private final double perSecond;
  private final long cpuNanos;
  private final long bytes;
  private final long[] nanos;

  /**
   * Measured.
   *
   * @param perSecond requests in a second, all threads together
   * @param cpuNanos of this process for all of them
   * @param bytes allocated for all of them
   * @param nanos how long each took, in any order
   */
  Slice(double perSecond, long cpuNanos, long bytes, long[] nanos) {
    this.perSecond = perSecond;
    this.cpuNanos = cpuNanos;
    this.bytes = bytes;
    this.nanos = nanos.clone();
  }

  double perSecond() {
    return perSecond;
  }

  long cpuNanos() {
    return cpuNanos;
  }

  long bytes() {
    return bytes;
  }

  int calls() {
    return nanos.length;
  }

  LongStream nanos() {
    return Arrays.stream(nanos);
  }
}
