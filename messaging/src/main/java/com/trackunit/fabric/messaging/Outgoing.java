// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.flow.Settlements;
import com.trackunit.fabric.core.flow.Window;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher has accepted and not yet settled: first waiting to be sent, in order; then sent
 * under a sequence number, until the broker says what became of it. A plain state machine: no
 * clock, no thread, no client. Not thread-safe.
 *
 * <p>A message that ran out of time after it was sent is settled Unknown, yet keeps its place in
 * the window until the broker answers or the epoch ends: the broker still has it, and memory stays
 * bounded.
 */
final class Outgoing {
  /** With fewer messages to confirm, the broker may soon have nothing to do. */
  private static final int BUSY = 32;

  /** One part of the window in so many is free before those who wait for room go on. */
  private static final int WAKING = 8;

  private final Window window;
  private final boolean republishes;
  private final Consumer<Settled> settledSink;
  private final Deque<OutgoingMessage> waiting = new ArrayDeque<>();
  private Settlements<OutgoingMessage> sent = new Settlements<>();
  private int unsettled;
  private boolean anyDeadline;
  private long nextDeadline; // at most the earliest of the unsettled ones, if there is any

  /** One message and how it ended: with an outcome, or not sent at all. */
  record Settled(
      OutgoingMessage message,
      @Nullable PublishOutcome outcome,
      @Nullable RuntimeException notSent) {
    /** Tells whoever waits; never under a lock where user code may hang on the future. */
    void completeFuture() {
      if (notSent != null) {
        message.outcome().completeExceptionally(notSent);
      } else {
        message.outcome().complete(outcome);
      }
    }
  }

  /**
   * Nothing outstanding.
   *
   * @param republishes whether what a dead channel leaves unanswered is sent again
   * @param settledSink gets each settled message, once, in the call that settles it
   */
  Outgoing(Window window, boolean republishes, Consumer<Settled> settledSink) {
    this.window = window;
    this.republishes = republishes;
    this.settledSink = settledSink;
  }

  /** Takes a message in, if there is room. */
  boolean accept(OutgoingMessage message) {
    if (!window.tryEnter(message.size())) {
      return false;
    }
    waiting.addLast(message);
    unsettled++;
    noteDeadline(message);
    return true;
  }

  /** The message to send next, or null. It stays where it is until {@link #sending}. */
  @Nullable OutgoingMessage next() {
    return waiting.peekFirst();
  }

  /** The message of {@link #next} is about to be sent under this number. */
  void sending(long sequence) {
    sent.register(sequence, waiting.removeFirst());
  }

  /** It was not sent after all, and goes back to be the next one; without effect if settled. */
  void takeBack(long sequence) {
    OutgoingMessage message = sent.settle(sequence);
    if (message != null) {
      if (message.isSettled()) {
        window.leave(message.size());
      } else {
        waiting.addFirst(message);
      }
    }
  }

  /** It cannot be sent at all. */
  void refuse(long sequence, RuntimeException reason) {
    OutgoingMessage message = sent.settle(sequence);
    if (message != null) {
      settle(message, null, reason);
      window.leave(message.size());
    }
  }

  void confirmed(long sequence, boolean multiple) {
    answered(sequence, multiple, new PublishOutcome.Confirmed());
  }

  void nacked(long sequence, boolean multiple) {
    answered(sequence, multiple, new PublishOutcome.Rejected());
  }

  private void answered(long sequence, boolean multiple, PublishOutcome outcome) {
    if (multiple) {
      sent.settleThrough(sequence).forEach(message -> answer(message, outcome));
    } else {
      OutgoingMessage message = sent.settle(sequence);
      if (message != null) {
        answer(message, outcome);
      }
    }
  }

  private void answer(OutgoingMessage message, PublishOutcome outcome) {
    PublishOutcome returned = message.returned();
    settle(message, returned != null ? returned : outcome, null);
    window.leave(message.size());
  }

  /**
   * The broker sent a message back; its confirm follows. Where several in flight carry this id and
   * key, nobody can tell which one it was: all of them end Unknown rather than one wrongly
   * Confirmed.
   */
  void returned(@Nullable String messageId, String routingKey, int code, String text) {
    List<OutgoingMessage> candidates = new ArrayList<>();
    for (OutgoingMessage message : sent.outstandingPayloads()) {
      if (message.is(messageId, routingKey)) {
        candidates.add(message);
      }
    }
    PublishOutcome outcome =
        candidates.size() == 1
            ? new PublishOutcome.Returned(code, text)
            : new PublishOutcome.Unknown(
                "returned ("
                    + code
                    + " "
                    + text
                    + "), but several messages in flight have the id "
                    + messageId
                    + "; give each its own");
    candidates.forEach(message -> message.returned(outcome));
  }

  /**
   * The channel died: what was sent is Unknown, or the next to be sent again, in the old order;
   * what waits goes on waiting. One that came back before is Returned: the broker has said so.
   */
  void epochOver(String reason) {
    List<OutgoingMessage> lost = sent.outstandingPayloads();
    sent = new Settlements<>();
    for (int i = lost.size() - 1; i >= 0 && republishes; i--) {
      OutgoingMessage message = lost.get(i);
      if (!message.isSettled() && message.returned() == null) {
        message.sentBefore(reason);
        waiting.addFirst(message);
      }
    }
    for (OutgoingMessage message : lost) {
      if (!republishes || message.isSettled() || message.returned() != null) {
        PublishOutcome returned = message.returned();
        settle(message, returned != null ? returned : new PublishOutcome.Unknown(reason), null);
        window.leave(message.size());
      }
    }
  }

  /** Settles what is past its deadline. */
  void expire(long nowNanos) {
    if (!anyDeadline || nowNanos - nextDeadline < 0) {
      return;
    }
    for (OutgoingMessage message : sent.outstandingPayloads()) {
      if (message.isExpired(nowNanos)) {
        settle(message, message.unknownAtDeadline(), null);
      }
    }
    waiting.removeIf(
        message -> {
          if (!message.isExpired(nowNanos)) {
            return false;
          }
          settleUnsent(message, message.notSentAtDeadline());
          window.leave(message.size());
          return true;
        });
    anyDeadline = false;
    for (OutgoingMessage message : sent.outstandingPayloads()) {
      if (!message.isSettled()) {
        noteDeadline(message);
      }
    }
    waiting.forEach(this::noteDeadline);
  }

  private void noteDeadline(OutgoingMessage message) {
    if (!anyDeadline || message.deadlineNanos() - nextDeadline < 0) {
      nextDeadline = message.deadlineNanos();
    }
    anyDeadline = true;
  }

  /** The publisher closes: what was sent is Unknown, what waits will not be sent. */
  void end(String reason, RuntimeException notSent) {
    epochOver(reason);
    for (OutgoingMessage message : waiting) {
      settleUnsent(message, notSent);
      window.leave(message.size());
    }
    waiting.clear();
  }

  /**
   * Whether every place is held by a message that ran out of time after it was sent: this epoch
   * answers nobody any more, and nothing new gets in.
   */
  boolean isStuck() {
    return window.isFull() && sent.outstanding() > 0 && unsettled == waiting.size();
  }

  /** Whether the broker has enough to do for the moment that a write by another thread takes. */
  boolean isBrokerBusy() {
    return sent.outstanding() >= BUSY;
  }

  /** Whether more than half of the window is at the broker: it is slower than its publisher. */
  boolean isBrokerBehind() {
    return !window.isFree(2) && isBrokerBusy();
  }

  /** Whether a message would find a place. */
  boolean hasRoom() {
    return !window.isFull();
  }

  /** Whether it is worth waking those who found no place: not for each that becomes free. */
  boolean hasRoomAgain() {
    return window.isFree(WAKING);
  }

  /** Messages without an outcome. */
  int unsettled() {
    return unsettled;
  }

  /** One that waits: what was never sent failed, what was sent before is Unknown. */
  private void settleUnsent(OutgoingMessage message, RuntimeException notSent) {
    PublishOutcome unknown = message.unknownSince();
    settle(message, unknown, unknown == null ? notSent : null);
  }

  private void settle(
      OutgoingMessage message,
      @Nullable PublishOutcome outcome,
      @Nullable RuntimeException notSent) {
    if (message.settleOnce()) {
      unsettled--;
      settledSink.accept(new Settled(message, outcome, notSent));
    }
  }
}
