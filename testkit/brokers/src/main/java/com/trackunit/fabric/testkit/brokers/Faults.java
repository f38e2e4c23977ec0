// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What is wrong with all connections of a {@link FaultProxy} now. Thread-safe. */
final class Faults {
  static final long NO_LIMIT = Long.MAX_VALUE;
  private static final int CHUNK = 16_384;
  private static final int CHUNKS_PER_SECOND = 20;

  private boolean silent;
  private int bytesPerSecond = Integer.MAX_VALUE;
  private long resetAfter = NO_LIMIT;

  synchronized void halfOpen() {
    silent = true;
  }

  synchronized void slow(int rate) {
    bytesPerSecond = rate;
  }

  synchronized void resetAfter(long bytes) {
    resetAfter = bytes;
  }

  synchronized void heal() {
    silent = false;
    bytesPerSecond = Integer.MAX_VALUE;
    resetAfter = NO_LIMIT;
    notifyAll();
  }

  /** How many bytes a new connection may forward. */
  synchronized long resetAfter() {
    return resetAfter;
  }

  /** How many bytes to read at once: few when slow, so that the pace is even. */
  synchronized int chunk() {
    return Math.max(1, Math.min(CHUNK, bytesPerSecond / CHUNKS_PER_SECOND));
  }

  /** Wakes those that wait for a connection that has gone. */
  synchronized void wake() {
    notifyAll();
  }

  /** Waits while nothing may come through, and while so many bytes take their time. */
  synchronized void await(int bytes, BooleanSupplier gone) throws InterruptedException {
    long start = System.nanoTime();
    while (!gone.getAsBoolean()) {
      long due =
          bytesPerSecond == Integer.MAX_VALUE
              ? 0
              : TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
      long left = due - (System.nanoTime() - start);
      if (silent) {
        wait();
      } else if (left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } else {
        return;
      }
    }
  }
}
