// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A monotonic clock that stands still until it is told to go on. Thread-safe. */
final class ManualTicker implements Ticker {
  private final AtomicLong nanos = new AtomicLong();

  @Override
  public long nanos() {
    return nanos.get();
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
