// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many retries a client may still make, over all its calls: each one costs, each success gives
 * a part of one back. While everything fails, retries therefore add a bounded number of requests,
 * not a multiple of them. Thread-safe.
 */
final class RetryBudget {
  private static final long ONE = 1_000;

  private final long capacity;
  private final long perSuccess;
  private final AtomicLong left;

  RetryBudget(int retries, double perSuccess) {
    this.capacity = retries * ONE;
    this.perSuccess = Math.round(perSuccess * ONE);
    this.left = new AtomicLong(capacity);
  }

  /** Takes one retry, if one is left. */
  boolean take() {
    return left.getAndUpdate(now -> now >= ONE ? now - ONE : now) >= ONE;
  }

  void succeeded() {
    // The usual case, without a write that all callers would share.
    if (left.get() < capacity) {
      left.updateAndGet(now -> Math.min(capacity, now + perSuccess));
    }
  }
}
