// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which deliveries of one channel epoch are unsettled, and which acks are to be written: the run
 * that is settled without a gap with one {@code multiple} ack; behind a gap that is old, each one
 * singly, so that a slow one does not hold the others' places. A plain state machine: no clock, no
 * thread, no client. Not thread-safe.
 *
 * @param <T> what is kept for each delivery until it is settled
 */
public final class AckRun<T> {
  /** How old a gap is when the acks behind it no longer wait for it. */
  public static final long GAP_NANOS = Duration.ofMillis(100).toNanos();

  /**
   * One {@code basic.ack}.
   *
   * @param tag the delivery tag
   * @param multiple true for all open ones up to and including it
   */
  public record Ack(long tag, boolean multiple) {}

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
   * @param batch how many acks may wait for each other, at least 1
   */
  public AckRun(int batch) {
    this.batch = batch;
  }

  /**
   * A delivery; their tags rise.
   *
   * @param tag its tag, from 1
   * @param what what is kept for it
   */
  public void delivered(long tag, T what) {
    unsettled.register(tag, what);
  }

  /**
   * It may be acked, and its ack waits to be taken; nothing happens if it was settled before.
   *
   * @param tag its tag
   * @param nowNanos the caller's clock
   */
  public void acked(long tag, long nowNanos) {
    if (settle(tag, nowNanos)) {
      if (ackedCount == acked.length) {
        acked = Arrays.copyOf(acked, 2 * ackedCount);
      }
      acked[ackedCount++] = tag;
    }
  }

  /**
   * It is settled in another way, and the broker has been told.
   *
   * @param tag its tag
   * @param nowNanos the caller's clock
   */
  public void gone(long tag, long nowNanos) {
    settle(tag, nowNanos);
  }

  private boolean settle(long tag, long nowNanos) {
    boolean wasOpen = unsettled.settle(tag) != null;
    long now = unsettled.lowestOutstanding().orElse(Long.MAX_VALUE);
    if (now != lowest) {
      lowest = now;
      lowestSince = nowNanos;
    }
    return wasOpen;
  }

  /** Whether acks wait to be taken. */
  public boolean hasAcks() {
    return ackedCount > 0;
  }

  /**
   * Whether enough acks wait to be worth writing now.
   *
   * @param nowNanos the caller's clock
   */
  public boolean isDue(long nowNanos) {
    return ackedCount >= batch && (run() >= batch || isGapOld(nowNanos));
  }

  /**
   * How long until {@link #take} has something to write, be it little and nothing else happens.
   *
   * @param nowNanos the caller's clock
   * @return nanoseconds, 0 for now; empty while no ack waits
   */
  public OptionalLong untilTakeable(long nowNanos) {
    if (ackedCount == 0) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(run() > 0 ? 0 : Math.max(0, lowestSince + GAP_NANOS - nowNanos));
  }

  private long run() {
    return unsettled.settledThrough().orElse(0) - written;
  }

  private boolean isGapOld(long nowNanos) {
    return nowNanos - lowestSince >= GAP_NANOS;
  }

  /**
   * Takes the acks to write now, in this order, before any that are taken later.
   *
   * @param nowNanos the caller's clock
   * @param all true to take those behind a young gap too
   */
  public List<Ack> take(long nowNanos, boolean all) {
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
    }
    written = through;
    return due;
  }

  /** What is unsettled, oldest first. */
  public List<T> unsettled() {
    return unsettled.outstandingPayloads();
  }

  /** How much is unsettled. */
  public int outstanding() {
    return unsettled.outstanding();
  }

  /** The oldest that is unsettled; null if there is none. */
  public @Nullable T oldest() {
    OptionalLong tag = unsettled.lowestOutstanding();
    return tag.isEmpty() ? null : unsettled.find(tag.getAsLong());
  }
}
