// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a settlement leads to: an ack, another attempt now or later, here or through a delay queue,
 * a dead letter. Each first claims its delivery from the {@link DeliveryLine}, so that nothing is
 * settled twice or on a channel that is gone.
 */
final class Settling implements Delivery.Settler {
  private static final Logger log = LoggerFactory.getLogger(Settling.class);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);

  private final String queue;
  private final RetryPolicy policy;
  private final boolean isStream;
  private final Workers workers;
  private final DeliveryLine line;
  private final Detours detours;
  private final Telemetry.Consumed meters;
  private final ReentrantLock lock; // the line's own
  private final Incoming incoming; // guarded by lock
  private int failuresInARow; // guarded by lock

  Settling(Consumer.Builder options, DeliveryLine line, Detours detours) {
    this.queue = options.queue();
    this.policy = options.policy();
    this.isStream = options.isStream();
    this.workers = options.messaging().workers();
    this.line = line;
    this.detours = detours;
    this.meters = options.messaging().telemetry().consumer(queue);
    this.lock = line.lock();
    this.incoming = line.incoming();
  }

  @Override
  public SettleResult ack(Delivery delivery) {
    Held held = delivery.held();
    boolean due;
    lock.lock();
    try {
      if (!incoming.claim(delivery)) {
        return SettleResult.STALE;
      }
      failuresInARow = 0;
      meters.acked();
      handled(held);
      line.record(false);
      due = acked(held);
    } finally {
      lock.unlock();
    }
    if (due) {
      line.ackWriter().flush(false);
    }
    return SettleResult.SENT;
  }

  private void handled(Held held) {
    meters.handling().record(workers.ticker().nanos() - held.handedAt, TimeUnit.NANOSECONDS);
    Date published = held.properties().getTimestamp();
    if (published != null) {
      long lag = workers.clock().millis() - published.toInstant().toEpochMilli();
      meters.lag().record(Math.max(0, lag), TimeUnit.MILLISECONDS);
    }
  }

  /** The caller holds the lock; true if acks should be written now. */
  private boolean acked(Held held) {
    long now = workers.ticker().nanos();
    incoming.acked(held, now);
    line.noteOver(held);
    return line.ackWriter().isDueElseLater(now);
  }

  @Override
  public SettleResult retry(
      Delivery delivery, @Nullable Duration delay, @Nullable Throwable cause) {
    Held held = delivery.held();
    lock.lock();
    try {
      if (!incoming.claim(delivery)) {
        return SettleResult.STALE;
      }
      failuresInARow++;
      meters.retried();
      handled(held);
      line.record(true);
      Instant now = workers.clock().instant();
      held.failures++;
      held.firstFailedAt = Attempts.firstFailedAt(held, now);
    } finally {
      lock.unlock();
    }
    if (policy.isLast(delivery.attempt())) {
      return deadLetter(held, delivery.attempt(), "no attempt left, the last one failed", cause);
    }
    Duration wait =
        delay != null
            ? delay
            : policy.delayAfter(
                Math.max(delivery.attempt(), failuresInARow), ThreadLocalRandom.current());
    if (policy.place() == RetryPolicy.Place.DELAY_QUEUE) {
      Duration atLeast = delay != null ? delay : policy.stepAfter(delivery.attempt());
      detour(held, detours.later(held, delivery.attempt(), atLeast));
    } else {
      waitInPlace(held, wait);
    }
    return SettleResult.SENT;
  }

  private void waitInPlace(Held held, Duration wait) {
    lock.lock();
    try {
      incoming.waits(held);
      line.noteWaiting();
    } finally {
      lock.unlock();
    }
    later(wait, () -> nextAttempt(held));
  }

  private void nextAttempt(Held held) {
    boolean giveBack = policy.place() == RetryPolicy.Place.QUEUE;
    lock.lock();
    try {
      if (line.isWithdrawn() || (giveBack ? !incoming.resumed(held) : !incoming.again(held))) {
        return;
      }
      line.wakeOne();
    } finally {
      lock.unlock();
    }
    if (giveBack) {
      workers.pool().execute(() -> write(held, to -> to.reject(held.tag(), true)));
    }
  }

  @Override
  public SettleResult release(Delivery delivery) {
    if (!claim(delivery)) {
      return SettleResult.STALE;
    }
    Held held = delivery.held();
    meters.released();
    if (isStream) {
      waitInPlace(held, Duration.ZERO);
      return SettleResult.SENT;
    }
    return write(held, to -> to.release(held.tag()));
  }

  @Override
  public SettleResult deadLetter(Delivery delivery, String reason, @Nullable Throwable cause) {
    return claim(delivery)
        ? deadLetter(delivery.held(), delivery.attempt(), reason, cause)
        : SettleResult.STALE;
  }

  private boolean claim(Delivery delivery) {
    lock.lock();
    try {
      return incoming.claim(delivery);
    } finally {
      lock.unlock();
    }
  }

  private SettleResult deadLetter(
      Held held, int attempt, String reason, @Nullable Throwable cause) {
    meters.deadLettered();
    if (isStream) {
      log.warn("consumer of {}: a stream has no dead letters, skipped: {}", queue, reason, cause);
      return write(held, to -> to.ack(held.tag(), false));
    }
    log.warn(
        "consumer of {}: dead-lettered message {} after attempt {}: {}",
        queue,
        held.properties().getMessageId(),
        attempt,
        reason);
    Detours.Detour detour = detours.dead(held, attempt, reason, cause);
    if (detour == null) {
      return write(held, to -> to.reject(held.tag(), false));
    }
    detour(held, detour);
    return SettleResult.SENT;
  }

  /** Publishes it elsewhere; only when that is confirmed, it is acked here. */
  private void detour(Held held, Detours.Detour detour) {
    detours.send(
        detour,
        confirmed -> {
          if (confirmed) {
            ackMoved(held);
          } else if (isHeld(held)) {
            later(Duration.ofSeconds(1), () -> workers.pool().execute(() -> detour(held, detour)));
          }
        },
        () -> write(held, to -> to.reject(held.tag(), false)));
  }

  private boolean isHeld(Held held) {
    lock.lock();
    try {
      return incoming.epoch() == held.epoch() && !line.isClosing();
    } finally {
      lock.unlock();
    }
  }

  private void ackMoved(Held held) {
    boolean due;
    lock.lock();
    try {
      due = acked(held);
    } finally {
      lock.unlock();
    }
    if (due) {
      line.ackWriter().flush(false);
    }
  }

  @Override
  public void requireReleasable() {
    if (incoming.isOrdered() && !isStream) {
      throw new IllegalStateException(
          "release of a delivery of '"
              + queue
              + "': its consumer is ordered, and a released message loses its place; ack, retry or"
              + " dead-letter it");
    }
  }

  @Override
  public void requireDelay(Duration delay) {
    Duration longest =
        policy.place() == RetryPolicy.Place.DELAY_QUEUE ? detours.longest() : LONGEST_WAIT;
    if (delay.isNegative() || delay.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          "retryAfter: delay is " + delay + ", expected 0 to " + longest);
    }
  }

  @FunctionalInterface
  private interface Write {
    void on(ChannelPort port);
  }

  /** Tells the broker about a claimed one, then frees its lane and its place. */
  private SettleResult write(Held held, Write write) {
    ChannelPort to = line.port(held);
    if (to == null) {
      return SettleResult.STALE;
    }
    try {
      write.on(to);
    } catch (StaleChannelException e) {
      log.debug("{}", e.getMessage());
      return SettleResult.STALE;
    }
    lock.lock();
    try {
      // Only now: an ack with 'multiple' written before would have taken it along.
      incoming.gone(held, workers.ticker().nanos());
      line.noteOver(held);
    } finally {
      lock.unlock();
    }
    return SettleResult.SENT;
  }

  private void later(Duration delay, Runnable task) {
    ScheduledFuture<?> unused =
        workers.timer().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }
}
