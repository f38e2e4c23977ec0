// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.flow.Settlements;
import com.trackunit.fabric.core.flow.Window;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a route has in flight on the current epoch of its channel, and whether the channel takes
 * more. Answers to another epoch than the current one settle nothing. Not thread-safe.
 *
 * @param <L> what identifies a lane
 * @param <M> what is published
 */
final class SinkWindow<L, M> {
  private static final long SILENT_AFTER_NANOS = Duration.ofSeconds(10).toNanos();

  private final Window window;
  private final SlowStart allowance = new SlowStart();

  private boolean open;
  private long epoch;
  private Settlements<InFlight<L, M>> inFlight = new Settlements<>();
  private @Nullable InFlight<L, M> publishing;
  private long quietSince;
  private String closedBecause = "not opened yet";
  private @Nullable String blockedBecause;

  SinkWindow(Window window) {
    this.window = window;
  }

  void opened(long newEpoch) {
    open = true;
    epoch = newEpoch;
    blockedBecause = null;
  }

  boolean isCurrent(long ofEpoch) {
    return open && ofEpoch == epoch;
  }

  boolean isOpen() {
    return open;
  }

  long epoch() {
    return epoch;
  }

  void blocked(@Nullable String reason) {
    blockedBecause = reason;
  }

  boolean mayPublish() {
    return open && blockedBecause == null && allowance.allows(inFlight.outstanding());
  }

  boolean isFull() {
    return !open || blockedBecause != null || window.isFull();
  }

  boolean isIdle() {
    return inFlight.outstanding() == 0;
  }

  boolean isPublishing() {
    return publishing != null;
  }

  /** Takes a place for a message that is published next, if there is one. */
  boolean tryEnter(InFlight<L, M> entry) {
    if (!window.tryEnter(entry.outbound.size())) {
      return false;
    }
    publishing = entry;
    return true;
  }

  /** The message taken last was written under this sequence number. */
  InFlight<L, M> published(long sequence, long now) {
    InFlight<L, M> entry = takePublishing();
    if (isIdle()) {
      quietSince = now;
    }
    inFlight.register(sequence, entry);
    return entry;
  }

  /** The message taken last was not written. */
  InFlight<L, M> refused() {
    InFlight<L, M> entry = takePublishing();
    window.leave(entry.outbound.size());
    return entry;
  }

  /** Takes out what the broker has answered; empty for another epoch. */
  List<InFlight<L, M>> settle(long ofEpoch, long sequence, boolean multiple, long now) {
    if (!isCurrent(ofEpoch)) {
      return List.of();
    }
    quietSince = now;
    List<InFlight<L, M>> settled;
    if (multiple) {
      settled = inFlight.settleThrough(sequence);
    } else {
      InFlight<L, M> one = inFlight.settle(sequence);
      settled = one == null ? List.of() : List.of(one);
    }
    settled.forEach(entry -> window.leave(entry.outbound.size()));
    return settled;
  }

  /** A message got through: one more may be in flight. */
  void succeeded() {
    allowance.grow();
  }

  /** The epoch is over; takes out what it leaves unknown. */
  List<InFlight<L, M>> closed(String reason) {
    open = false;
    closedBecause = reason;
    blockedBecause = null;
    publishing = null;
    List<InFlight<L, M>> unknown = inFlight.outstandingPayloads();
    inFlight = new Settlements<>();
    window.clear();
    if (!unknown.isEmpty()) {
      allowance.collapse();
    }
    return unknown;
  }

  List<InFlight<L, M>> outstanding() {
    return inFlight.outstandingPayloads();
  }

  int count() {
    return inFlight.outstanding();
  }

  /** What keeps messages from getting through, or null if nothing does. */
  @Nullable String trouble(long now) {
    if (!open) {
      return "no RabbitMQ channel: " + closedBecause;
    }
    if (blockedBecause != null) {
      return "RabbitMQ accepts nothing: " + blockedBecause;
    }
    return isIdle() || now - quietSince < SILENT_AFTER_NANOS
        ? null
        : "RabbitMQ has confirmed nothing for "
            + Duration.ofNanos(now - quietSince).toSeconds()
            + " s, though messages are in flight";
  }

  private InFlight<L, M> takePublishing() {
    InFlight<L, M> entry = publishing;
    if (entry == null) {
      throw new IllegalStateException("sink window: no publish waits for an answer");
    }
    publishing = null;
    return entry;
  }
}
