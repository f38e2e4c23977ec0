// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.flow.Settlements;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The unit of order of a route: one partition during one assignment. It knows what it has
 * published, what waits, and whether it is frozen: the first message that fails freezes it, and
 * once all it had in flight is settled and the backoff is over, it is replayed from its lowest
 * unsettled record, at first one by one.
 *
 * <p>Not thread-safe.
 *
 * @param <L> what identifies it
 * @param <M> what is published
 */
final class Lane<L, M> {
  /** No record is unsettled. */
  static final long NONE = Long.MIN_VALUE;

  private final L id;
  private final Settlements<InFlight<L, M>> unsettled = new Settlements<>();
  private final Deque<InFlight<L, M>> waiting = new ArrayDeque<>();
  private final SlowStart allowance = new SlowStart();
  private int inFlight;
  private long highestConfirmed = -1;
  private long overtaken;

  private int failures;
  private boolean frozen;
  private long retryAt;
  private @Nullable RouteException problem;

  private @Nullable RouteException positionLost;
  private boolean draining;

  /** Whether the source has been told to hold this lane back. */
  boolean paused;

  /** The offset up to which a commit has been asked for. */
  long commitRequested;

  Lane(L id) {
    this.id = id;
  }

  L id() {
    return id;
  }

  int inFlight() {
    return inFlight;
  }

  int waiting() {
    return waiting.size();
  }

  /** How many were overtaken since it was last asked. */
  long takeOvertaken() {
    long taken = overtaken;
    overtaken = 0;
    return taken;
  }

  void add(long offset, Outbound<M> outbound, long now) {
    InFlight<L, M> entry = new InFlight<>(this, offset, outbound, now);
    unsettled.register(offset, entry);
    waiting.add(entry);
  }

  /** Since when its lowest unsettled record is here. */
  long oldestSince() {
    OptionalLong lowest = unsettled.lowestOutstanding();
    InFlight<L, M> entry = lowest.isEmpty() ? null : unsettled.find(lowest.getAsLong());
    return entry == null ? NONE : entry.since;
  }

  /** A record that is not to be sent: settled in its place. */
  void skip(long offset) {
    unsettled.skip(offset);
  }

  /** Lets go of a record that nothing waits for any more; the lane must not be in flight. */
  void forget(InFlight<L, M> entry) {
    unsettled.settle(entry.offset);
    waiting.remove(entry);
  }

  /** The record to publish next, or null if this lane may not publish now. */
  @Nullable InFlight<L, M> next() {
    return frozen || draining || !allowance.allows(inFlight) ? null : waiting.peek();
  }

  void published() {
    waiting.remove();
    inFlight++;
  }

  void confirmed(InFlight<L, M> entry) {
    inFlight--;
    unsettled.settle(entry.offset);
    highestConfirmed = Math.max(highestConfirmed, entry.offset);
    if (!frozen) {
      allowance.grow();
      failures = 0;
      problem = null;
    }
  }

  /** A message came back; the first one freezes the lane. */
  void failedInFlight(RouteException why, long retryAt) {
    inFlight--;
    freeze(why, retryAt);
  }

  void freeze(RouteException why, long retryAt) {
    if (frozen) {
      return;
    }
    frozen = true;
    failures++;
    problem = why;
    this.retryAt = retryAt;
  }

  int failures() {
    return failures;
  }

  /** The channel died: nothing is in flight any more, and what was not confirmed waits again. */
  void channelClosed() {
    inFlight = 0;
    if (!frozen) {
      replay();
    }
  }

  boolean mayThaw(long now) {
    return frozen && inFlight == 0 && now - retryAt >= 0;
  }

  void thaw() {
    frozen = false;
    allowance.collapse();
    replay();
  }

  private void replay() {
    waiting.clear();
    for (InFlight<L, M> entry : unsettled.outstandingPayloads()) {
      entry.returnedBecause = null;
      if (entry.offset < highestConfirmed && !entry.overtaken) {
        entry.overtaken = true;
        overtaken++;
      }
      waiting.add(entry);
    }
  }

  /**
   * How long until a frozen lane may be tried again; null if only an event can bring that about.
   */
  @Nullable Duration untilRetry(long now) {
    return frozen && inFlight == 0 ? Duration.ofNanos(Math.max(0, retryAt - now)) : null;
  }

  void drain() {
    draining = true;
  }

  void positionLost(RouteException why) {
    positionLost = why;
  }

  @Nullable RouteException problem() {
    return positionLost == null ? problem : positionLost;
  }

  /** Whether the source should hold this lane back: it could not publish another record now. */
  boolean isFull() {
    return frozen || draining || positionLost != null || !waiting.isEmpty();
  }

  /** The offset to commit if it is new: the one behind the last record settled without a gap. */
  OptionalLong committable(long committed) {
    OptionalLong settled = unsettled.settledThrough();
    return settled.isPresent() && settled.getAsLong() + 1 > committed
        ? OptionalLong.of(settled.getAsLong() + 1)
        : OptionalLong.empty();
  }

  @Override
  public String toString() {
    return String.valueOf(id);
  }
}
