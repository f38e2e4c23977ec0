// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Messages that an arm consumes, by one thread; the time runs from the first to the last. */
final class Drain {
  private static final long LIMIT_SECONDS = 60;

  private final String queue;
  private final int count;
  private final CountDownLatch done = new CountDownLatch(1);
  private int seen;
  private long first;
  private long last;

  Drain(String queue, int count) {
    this.queue = queue;
    this.count = count;
  }

  String queue() {
    return queue;
  }

  /** A delivery; true for the last one, which is to be followed by {@link #acked}. */
  boolean delivered() {
    if (seen++ == 0) {
      first = System.nanoTime();
    }
    if (seen == count) {
      last = System.nanoTime();
      return true;
    }
    return false;
  }

  /** The last one is acked, as far as the application can tell. */
  void acked() {
    done.countDown();
  }

  void await() throws InterruptedException {
    if (!done.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "consumed " + seen + " of " + count + " messages of " + queue + " in a minute");
    }
  }

  /** After {@link #await}. */
  double perSecond() {
    if (seen != count) {
      throw new IllegalStateException(
          "consumed " + seen + " messages of " + queue + ", expected " + count);
    }
    return (count - 1) * 1e9 / (last - first);
  }
}
