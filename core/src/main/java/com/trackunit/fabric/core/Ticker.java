// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

/**
 * A monotonic clock: it measures how long something took and never jumps. The wall clock is {@link
 * java.time.Clock}; the two are never mixed.
 */
@FunctionalInterface
public interface Ticker {
  /**
   * The reading now; only differences mean something.
   *
   * @return nanoseconds since an arbitrary moment
   */
  long nanos();

  /**
   * The machine's clock.
   *
   * @return a ticker on {@link System#nanoTime()}
   */
  static Ticker system() {
    return System::nanoTime;
  }
}
