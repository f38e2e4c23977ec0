// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Ticker;
import java.time.Duration;

/** Measures time and wakes: all that this module knows of waiting, so that tests can play it. */
interface Timekeeper extends Ticker, AutoCloseable {
  /** What has been asked for and not happened yet. */
  @FunctionalInterface
  interface Alarm {
    /** Takes it back; does nothing if it has rung. */
    void cancel();
  }

  /**
   * Runs a short task once, later, on a thread of the keeper's; at once if the keeper is closed.
   */
  Alarm after(Duration delay, Runnable task);

  /** Rings every alarm now, so that nobody waits on for what no longer comes. */
  @Override
  void close();
}
