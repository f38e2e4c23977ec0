// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.flow.Settlements;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which deliveries of one channel epoch are unsettled, and which acks are to be written: the run
 * that is settled without a gap with one {@code multiple} ack; behind a gap that is old, each one
 * singly, so that a slow handler does not hold the others' places. A plain state machine: no clock,
 * no thread, no client. Not thread-safe.
 *
 * @param <T> what is kept for each delivery until it is settled
 */
final class AckRun<T> {
  /** How old a gap is when the acks behind it no longer wait for it. */
  static final long GAP_NANOS = Duration.ofMillis(100).toNanos();

  /** One {@code basic.ack}. */
  record Ack(long tag, boolean multiple) {}

  private final Settlements<T> unsettled = new Settlements<>();
  private final int batch;
  private long[] acked = new long[64]; // acked by the handler, not yet written, in no order
  private int ackedCount;
  private long lowest; // the lowest unsettled tag when last looked at, and since when it is
  private long lowestSince;
  private long written; // the highest tag that was written with all below it

  /**
   * Nothing delivered.
   *
   * @param batch how many acks may wait for each other
   */
  AckRun(int batch) {
    this.batch = batch;
  }

  void delivered(long tag, T what) {
    unsettled.register(tag, what);
  }

  /** The handler acked it; its ack waits to be taken. */
  void acked(long tag, long nowNanos) {
    if (ackedCount == acked.length) {
      acked = Arrays.copyOf(acked, 2 * ackedCount);
    }
    acked[ackedCount++] = tag;
    settle(tag, nowNanos);
  }

  /** It is settled in another way, and the broker has been told. */
  void gone(long tag, long nowNanos) {
    settle(tag, nowNanos);
  }

  private void settle(long tag, long nowNanos) {
    unsettled.settle(tag);
    long now = unsettled.lowestOutstanding().orElse(Long.MAX_VALUE);
    if (now != lowest) {
      lowest = now;
      lowestSince = nowNanos;
    }
  }

  /** Whether acks wait to be written. */
  boolean hasAcks() {
    return ackedCount > 0;
  }

  /** Whether enough acks wait to be worth writing now. */
  boolean isDue(long nowNanos) {
    return ackedCount >= batch
        && (unsettled.settledThrough().orElse(0) - written >= batch || isGapOld(nowNanos));
  }

  private boolean isGapOld(long nowNanos) {
    return nowNanos - lowestSince >= GAP_NANOS;
  }

  /**
   * Takes the acks to write now, in this order, before any that are taken later.
   *
   * @param all true to take those behind a young gap too
   */
  List<Ack> take(long nowNanos, boolean all) {
    long through = unsettled.settledThrough().orElse(0);
    boolean singly = all || isGapOld(nowNanos);
    List<Ack> due = new ArrayList<>(1);
    long highest = 0;
    int run = 0;
    int left = 0;
    for (int i = 0; i < ackedCount; i++) {
      long tag = acked[i];
      if (tag <= through) {
        highest = Math.max(highest, tag);
        run++;
      } else if (singly) {
        due.add(new Ack(tag, false));
      } else {
        acked[left++] = tag;
      }
    }
    ackedCount = left;
    if (run > 0) {
      // The highest one is still open at the broker, as a multiple ack has to name such a tag.
      due.add(0, new Ack(highest, run > 1));
      written = through;
    }
    return due;
  }

  /** What is unsettled, oldest first. */
  List<T> unsettled() {
    return unsettled.outstandingPayloads();
  }
}
