// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages that an arm publishes, and the outcome of each. With a rate it is an open loop: each
 * message has a time when it should be sent, and its latency counts from then, whoever was late.
 */
final class Load {
  private static final long LIMIT_SECONDS = 60;
  private static final long NAP_NANOS = Duration.ofNanos(50_000).toNanos();

  /** Sent later than this is out of time. */
  private static final long LATE_NANOS = Duration.ofMillis(2).toNanos();

  /** By how much of the whole the last message may be late, or the rate was not kept. */
  private static final double MOST_BEHIND = 0.02;

  private final String queue;
  private final byte[] body;
  private final int count;
  private final double nanosBetween; // 0 for as fast as it goes
  private final boolean[] ended;
  private final long[] latencies;
  private final AtomicInteger left;
  private final CountDownLatch done = new CountDownLatch(1);
  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
  private final long start = System.nanoTime();
  private int late; // the sending thread alone, and whoever has waited for it
  private long behind; // nanoseconds, of the newest message; as late is

  private Load(String queue, byte[] body, int count, double nanosBetween) {
    this.queue = queue;
    this.body = body;
    this.count = count;
    this.nanosBetween = nanosBetween;
    this.ended = new boolean[count];
    this.latencies = new long[nanosBetween > 0 ? count : 0];
    this.left = new AtomicInteger(count);
  }

  static Load atOnce(String queue, byte[] body, int count) {
    return new Load(queue, body, count, 0);
  }

  static Load atRate(String queue, byte[] body, int count, double perSecond) {
    return new Load(queue, body, count, 1e9 / perSecond);
  }

  String queue() {
    return queue;
  }

  byte[] body() {
    return body;
  }

  int count() {
    return count;
  }

  private long intended(int index) {
    return start + (long) (index * nanosBetween);
  }

  /** Returns when it is time to send this one. */
  void awaitTurn(int index) {
    if (nanosBetween == 0) {
      return;
    }
    long early = intended(index) - System.nanoTime();
    while (early > 0) {
      LockSupport.parkNanos(Math.min(early, NAP_NANOS));
      early = intended(index) - System.nanoTime();
    }
    late += early < -LATE_NANOS ? 1 : 0;
    behind = -early;
  }

  /**
   * Whether the sender kept the rate to the end. If not, it fell behind more and more, and the
   * latencies are those of a longer and longer pile. After {@link #await}.
   */
  boolean keptRate() {
    return behind <= MOST_BEHIND * count * nanosBetween;
  }

  /** Which part of the messages was sent later than it should have been. */
  double lateShare() {
    return (double) late / count;
  }

  /**
   * The outcome of a message, once.
   *
   * @param failure null if it is confirmed
   */
  void ended(int index, @Nullable String failure) {
    if (failure != null) {
      fault.compareAndSet(null, "message " + index + ": " + failure);
    }
    if (ended[index]) {
      fault.compareAndSet(null, "message " + index + " ended twice");
      return;
    }
    ended[index] = true;
    if (nanosBetween > 0) {
      latencies[index] = System.nanoTime() - intended(index);
    }
    if (left.decrementAndGet() == 0) {
      done.countDown();
    }
  }

  /** Waits for every outcome; throws unless all are confirmed. */
  void await() throws InterruptedException {
    if (!done.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          left.get() + " of " + count + " messages have no outcome; first fault: " + fault.get());
    }
    String seen = fault.get();
    if (seen != null) {
      throw new IllegalStateException(seen);
    }
  }

  /** The latency that 99 of 100 messages stay under, in nanoseconds. */
  long p99() {
    long[] sorted = latencies.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(0.99 * sorted.length) - 1];
  }
}
