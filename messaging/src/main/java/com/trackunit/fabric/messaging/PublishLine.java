// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads around {@link Outgoing}: callers that send, the reader thread that brings answers,
 * the timer that ends waiting.
 *
 * <p>Two locks, always taken in this order. {@code sending} is held over number, registration and
 * write, so that sequence numbers, registrations and the wire have one order; it is held while the
 * socket blocks, and never by a callback. {@code state} guards {@link Outgoing} and is held for
 * moments only. Futures complete elsewhere, on {@code completions}.
 *
 * <p>A thread that publishes flushes itself only while the broker has next to nothing to confirm.
 * Else a worker does, with what has come until it runs. And while the broker has more to confirm
 * than half of the window, messages stay in the connection's buffer until that is full, the window
 * is full, or the broker has less to do, as none of them would be confirmed before those that it
 * has.
 */
final class PublishLine implements ChannelEvents {
  private final String exchange;
  private final Workers workers;
  private final SerialTasks completions;
  private final Telemetry.Published meters;

  private final ReentrantLock sending = new ReentrantLock();
  private final ReentrantLock state = new ReentrantLock();
  private final Condition changed = state.newCondition();
  private final Outgoing outgoing; // guarded by state
  private @Nullable ChannelPort port; // guarded by state
  private boolean blocked; // guarded by state
  private boolean closing; // guarded by state
  private boolean flushAsked; // guarded by state
  private volatile @Nullable ChannelPort unflushed; // written under sending
  private final List<CompletableFuture<@Nullable Void>> waitingForRoom =
      new ArrayList<>(); // guarded by state
  private List<Outgoing.Settled> toComplete = new ArrayList<>(); // guarded by state

  PublishLine(
      String exchange, Window window, boolean republishes, Workers workers, Telemetry telemetry) {
    this.exchange = exchange;
    this.workers = workers;
    this.completions = new SerialTasks(workers.pool());
    this.outgoing = new Outgoing(window, republishes, this::complete);
    this.meters = telemetry.publisher(exchange, this::unsettled);
  }

  /** Accepts a message, waiting for a place, and sends what can be sent. */
  void send(OutgoingMessage message) {
    if (accept(message)) {
      pump();
    }
  }

  /** Accepts and sends a message if there is a place for it now. */
  boolean trySend(OutgoingMessage message) {
    state.lock();
    try {
      if (closing) {
        message.outcome().completeExceptionally(closedException());
        return true;
      }
      if (outgoing.accept(message)) {
        meters.accepted();
      } else {
        flushElsewhere();
        return false;
      }
    } finally {
      state.unlock();
    }
    pump();
    return true;
  }

  /** Completes once there is room; at once if there is, or if the publisher is closed. */
  CompletableFuture<@Nullable Void> room() {
    CompletableFuture<@Nullable Void> room = new CompletableFuture<>();
    state.lock();
    try {
      if (!closing && !outgoing.hasRoom()) {
        waitingForRoom.add(room);
        return room;
      }
    } finally {
      state.unlock();
    }
    room.complete(null);
    return room;
  }

  /** Called with {@code state} held, after whatever may have settled messages or made room. */
  private void changed() {
    boolean hasRoomAgain = closing || outgoing.hasRoomAgain();
    if (hasRoomAgain) {
      changed.signalAll();
    }
    if (!outgoing.isBrokerBehind()) {
      flushElsewhere();
    }
    if (!toComplete.isEmpty()) {
      // One task for all that an answer settles: the broker confirms hundreds at once.
      List<Outgoing.Settled> settled = toComplete;
      toComplete = new ArrayList<>();
      completions.execute(() -> settled.forEach(Outgoing.Settled::completeFuture));
    }
    if (hasRoomAgain && !waitingForRoom.isEmpty()) {
      List<CompletableFuture<@Nullable Void>> all = List.copyOf(waitingForRoom);
      waitingForRoom.clear();
      completions.execute(() -> all.forEach(room -> room.complete(null)));
    }
  }

  private boolean accept(OutgoingMessage message) {
    state.lock();
    try {
      while (!closing) {
        if (outgoing.accept(message)) {
          meters.accepted();
          return true;
        }
        if (unflushed != null) {
          flushBetween();
          continue;
        }
        long left = message.deadlineNanos() - workers.ticker().nanos();
        if (left <= 0) {
          message.outcome().completeExceptionally(message.notSentAtDeadline());
          return false;
        }
        changed.awaitNanos(left);
      }
      message.outcome().completeExceptionally(closedException());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      message
          .outcome()
          .completeExceptionally(
              new NotPublishedException(
                  "publish to '" + exchange + "': interrupted while the window was full", true));
      return false;
    } finally {
      state.unlock();
    }
  }

  private NotPublishedException closedException() {
    return new NotPublishedException(
        "publish to '" + exchange + "': the publisher is closed; nothing was sent", false);
  }

  /** Sends what waits, in order, as long as there is a live channel that is not blocked. */
  private void pump() {
    sending.lock();
    try {
      while (sendNext()) {
        // until nothing can be sent
      }
      if (unflushed != null && isFlushDue()) {
        flushNow();
      }
    } finally {
      sending.unlock();
    }
  }

  /**
   * Whether this thread is to flush; if not, another one does at once, or the next answer. Asked
   * after {@code unflushed} was set, as an answer that came before has not seen it.
   */
  private boolean isFlushDue() {
    state.lock();
    try {
      if (!outgoing.isBrokerBusy()) {
        return true;
      }
      if (!outgoing.isBrokerBehind()) {
        flushElsewhere();
      }
      return false;
    } finally {
      state.unlock();
    }
  }

  /** The caller holds {@code sending}. */
  private void flushNow() {
    ChannelPort to = unflushed;
    unflushed = null;
    if (to != null) {
      to.flush();
    }
  }

  private void flush() {
    sending.lock();
    try {
      flushNow();
    } finally {
      sending.unlock();
    }
  }

  /** The caller holds {@code state}, which is let go meanwhile. */
  private void flushBetween() {
    state.unlock();
    try {
      flush();
    } finally {
      state.lock();
    }
  }

  /** The caller holds {@code state}, and must not wait for the socket. */
  private void flushElsewhere() {
    if (unflushed != null && !flushAsked) {
      flushAsked = true;
      workers.pool().execute(this::flushAsAsked);
    }
  }

  private void flushAsAsked() {
    if (state.isHeldByCurrentThread()) {
      return; // the workers are closed, and this is the one that asked
    }
    sending.lock();
    try {
      state.lock();
      try {
        flushAsked = false; // not before, or worker after worker would come to wait for sending
      } finally {
        state.unlock();
      }
      flushNow();
    } finally {
      sending.unlock();
    }
  }

  private boolean sendNext() {
    ChannelPort to;
    OutgoingMessage message;
    long sequence;
    boolean more;
    boolean later;
    state.lock();
    try {
      to = port;
      message = outgoing.next();
      if (to == null || blocked || message == null) {
        return false;
      }
      sequence = to.nextSequence();
      outgoing.sending(sequence);
      more = outgoing.next() != null;
      later = more || (outgoing.isBrokerBusy() && !message.completesInline());
    } finally {
      state.unlock();
    }
    try {
      if (later) {
        to.publishLater(exchange, message.routingKey(), message.properties(), message.body());
        unflushed = to;
      } else {
        to.publish(exchange, message.routingKey(), message.properties(), message.body());
        unflushed = null;
      }
      return more; // one that comes now is sent by whoever brings it
    } catch (StaleChannelException e) {
      return notSent(to, sequence);
    } catch (IllegalArgumentException e) {
      return refused(to, sequence, e);
    }
  }

  private boolean notSent(ChannelPort over, long sequence) {
    state.lock();
    try {
      if (port == over) {
        outgoing.takeBack(sequence);
        port = null;
        changed();
      }
      return false;
    } finally {
      state.unlock();
    }
  }

  /**
   * It passed the check against the largest frame known when it was accepted, and a connection made
   * since has a smaller one. Its number is registered and will be given again, so this epoch cannot
   * be trusted any more.
   */
  private boolean refused(ChannelPort by, long sequence, IllegalArgumentException reason) {
    state.lock();
    try {
      outgoing.refuse(sequence, reason);
      port = null;
      changed();
    } finally {
      state.unlock();
    }
    by.abandon("a message could not be encoded: " + reason.getMessage());
    return false;
  }

  /** Called with {@code state} held, before {@link #changed}: only hands over. */
  private void complete(Outgoing.Settled settled) {
    meters.settled(settled, workers.ticker().nanos());
    if (settled.message().completesInline()) {
      settled.completeFuture();
    } else {
      toComplete.add(settled);
    }
  }

  @Override
  public void opened(ChannelPort channel) {
    state.lock();
    try {
      port = channel;
      blocked = false;
    } finally {
      state.unlock();
    }
    workers.pool().execute(this::pump);
  }

  @Override
  public void confirmed(long epoch, long sequence, boolean multiple) {
    answered(() -> outgoing.confirmed(sequence, multiple));
  }

  @Override
  public void nacked(long epoch, long sequence, boolean multiple) {
    answered(() -> outgoing.nacked(sequence, multiple));
  }

  @Override
  public void returned(
      long epoch,
      int replyCode,
      String replyText,
      String returnedBy,
      String routingKey,
      AMQP.BasicProperties properties) {
    answered(() -> outgoing.returned(properties.getMessageId(), routingKey, replyCode, replyText));
  }

  private void answered(Runnable answer) {
    state.lock();
    try {
      answer.run();
      changed();
    } finally {
      state.unlock();
    }
  }

  @Override
  public void blocked(String reason) {
    state.lock();
    try {
      blocked = true;
    } finally {
      state.unlock();
    }
  }

  @Override
  public void unblocked() {
    state.lock();
    try {
      blocked = false;
    } finally {
      state.unlock();
    }
    workers.pool().execute(this::pump);
  }

  @Override
  public void closed(long epoch, String reason) {
    state.lock();
    try {
      port = null;
      outgoing.epochOver(reason);
      changed();
    } finally {
      state.unlock();
    }
  }

  /** Called by the timer. */
  void expire() {
    ChannelPort silent = null;
    state.lock();
    try {
      outgoing.expire(workers.ticker().nanos());
      flushElsewhere(); // whatever happens, nothing waits longer than this
      changed.signalAll(); // nor for the last places of a wide window that is not answered
      if (!blocked && outgoing.isStuck()) {
        silent = port;
      }
      changed();
    } finally {
      state.unlock();
    }
    if (silent != null) {
      // A queue without a leader never confirms, and would keep the window for good.
      silent.abandon("the whole window went unanswered for the publisher's timeout");
    }
  }

  int unsettled() {
    state.lock();
    try {
      return outgoing.unsettled();
    } finally {
      state.unlock();
    }
  }

  /** Accepts nothing more and waits until all is settled; false if the deadline passed first. */
  boolean closeAndAwait(Deadline deadline) {
    state.lock();
    try {
      closing = true;
      changed();
      flushElsewhere();
      while (outgoing.unsettled() > 0) {
        long left = deadline.remaining().toNanos();
        if (left == 0) {
          return false;
        }
        changed.await(left, TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      state.unlock();
    }
  }

  /** Settles what is left, after the channel has been closed. */
  void end() {
    state.lock();
    try {
      outgoing.end("the publisher was closed before the broker answered", closedException());
      changed();
    } finally {
      state.unlock();
    }
    meters.closed();
  }
}
