// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the reader thread to the handler and back: a mailbox, one dispatching thread, and what is
 * with the handler. The prefetch bounds it all. The one lock is held neither while the handler runs
 * nor while a settlement is written.
 */
final class DeliveryLine implements ChannelEvents, Delivery.Settler {
  private static final Logger log = LoggerFactory.getLogger(DeliveryLine.class);

  private final String queue;
  private final DeliveryHandler handler;
  private final @Nullable StreamPosition stream;
  private final Thread dispatcher;
  private final Backoff pauses =
      Backoff.exponential(Duration.ofMillis(10), Duration.ofSeconds(1), new Random());

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Delivery> mailbox = new ArrayDeque<>(); // guarded by lock
  private final Set<Delivery> withHandler = new HashSet<>(); // guarded by lock
  private @Nullable ChannelPort port; // guarded by lock
  private boolean closing; // guarded by lock
  private int failuresInARow; // guarded by lock
  private long completed; // guarded by lock; since closing began, as the next two
  private long released; // guarded by lock
  private long lost; // guarded by lock

  DeliveryLine(String queue, DeliveryHandler handler, @Nullable StreamPosition stream) {
    this.queue = queue;
    this.handler = handler;
    this.stream = stream;
    this.dispatcher =
        FabricThreads.named("messaging", "consumer-" + queue).newThread(this::dispatch);
  }

  void start() {
    dispatcher.start();
  }

  /** The arguments to subscribe with, for a stream. */
  Map<String, Object> streamArguments(StreamPosition position) {
    lock.lock();
    try {
      return position.arguments();
    } finally {
      lock.unlock();
    }
  }

  private void dispatch() {
    try {
      while (true) {
        Delivery delivery = take();
        if (delivery == null) {
          return;
        }
        attempt(delivery);
        pauseAfterFailures();
      }
    } catch (InterruptedException e) {
      log.debug("consumer of {}: dispatching interrupted by close", queue);
    }
  }

  private @Nullable Delivery take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closing) {
        Delivery delivery = mailbox.pollFirst();
        if (delivery != null) {
          withHandler.add(delivery);
          return delivery;
        }
        changed.await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  // Whatever user code throws, an Error among it, is a failed attempt: the worker lives on.
  @SuppressWarnings("CatchAndPrintStackTrace")
  private void attempt(Delivery delivery) {
    try {
      handler.handle(delivery);
    } catch (Throwable e) {
      SettleResult result = delivery.failedAttempt();
      if (result == null) {
        log.warn("consumer of {}: the handler threw after it settled {}", queue, delivery, e);
      } else {
        log.warn("consumer of {}: failed attempt at {} ({})", queue, delivery, result, e);
      }
    }
  }

  /** Without a pause a message that always fails would keep broker and handler spinning. */
  private void pauseAfterFailures() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (failuresInARow == 0) {
        return;
      }
      long left = pauses.delay(failuresInARow).toNanos();
      while (left > 0 && !closing) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void opened(ChannelPort channel) {
    lock.lock();
    try {
      port = channel;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void delivered(
      long epoch,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body) {
    Envelope envelope = new Envelope(deliveryTag, redelivered, exchange, routingKey);
    Delivery delivery = new Delivery(this, epoch, envelope, properties, body);
    lock.lock();
    try {
      if (closing) {
        released++;
        return;
      }
      if (stream != null) {
        stream.delivered(delivery.headers().get(StreamPosition.OFFSET));
      }
      mailbox.addLast(delivery);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void closed(long epoch, String reason) {
    lock.lock();
    try {
      port = null;
      mailbox.clear();
      lost += closing ? withHandler.size() : 0;
      withHandler.clear();
      if (stream != null) {
        stream.epochOver();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SettleResult ack(Delivery delivery) {
    return settle(delivery, false, to -> to.ack(delivery.tag(), false));
  }

  @Override
  public SettleResult retry(Delivery delivery) {
    return stream != null
        ? handAgain(delivery)
        : settle(delivery, true, to -> to.reject(delivery.tag(), true));
  }

  @Override
  public SettleResult release(Delivery delivery) {
    return stream != null
        ? handAgain(delivery)
        : settle(delivery, false, to -> to.release(delivery.tag()));
  }

  @Override
  public SettleResult deadLetter(Delivery delivery, String reason) {
    if (stream != null) {
      log.warn(
          "consumer of {}: a stream has no dead letters, skipped {}: {}", queue, delivery, reason);
      return settle(delivery, false, to -> to.ack(delivery.tag(), false));
    }
    log.warn("consumer of {}: dead-lettered {}: {}", queue, delivery, reason);
    return settle(delivery, false, to -> to.reject(delivery.tag(), false));
  }

  @FunctionalInterface
  private interface Settlement {
    void on(ChannelPort port);
  }

  private SettleResult settle(Delivery delivery, boolean failed, Settlement settlement) {
    ChannelPort to = portOf(delivery);
    if (to == null) {
      return SettleResult.STALE;
    }
    try {
      settlement.on(to);
    } catch (StaleChannelException e) {
      log.debug("{}", e.getMessage());
      return SettleResult.STALE;
    }
    lock.lock();
    try {
      // Only now: close() waits for this, and the channel must not be gone before the write.
      if (withHandler.remove(delivery)) {
        completed += closing ? 1 : 0;
        failuresInARow = failed ? failuresInARow + 1 : 0;
        if (stream != null) {
          stream.settled(delivery.headers().get(StreamPosition.OFFSET));
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return SettleResult.SENT;
  }

  private @Nullable ChannelPort portOf(Delivery delivery) {
    lock.lock();
    try {
      ChannelPort now = port;
      return withHandler.contains(delivery) && now != null && now.epoch() == delivery.epoch()
          ? now
          : null;
    } finally {
      lock.unlock();
    }
  }

  /** A stream cannot take a message back: the handler gets it again, before any later one. */
  private SettleResult handAgain(Delivery delivery) {
    lock.lock();
    try {
      if (!withHandler.remove(delivery)) {
        return SettleResult.STALE;
      }
      if (closing) {
        released++;
      } else {
        mailbox.addFirst(delivery.again());
        failuresInARow++;
      }
      changed.signalAll();
      return SettleResult.SENT;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Dispatches nothing more and waits for what is with the handler, unless the handler itself
   * calls.
   *
   * @return false if it was closing already
   */
  boolean stopAndAwait(Deadline deadline) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      closing = true;
      released = mailbox.size();
      mailbox.clear();
      changed.signalAll();
      while (!withHandler.isEmpty() && Thread.currentThread() != dispatcher) {
        long left = deadline.remaining().toNanos();
        if (left == 0) {
          break;
        }
        changed.await(left, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return true;
  }

  /** What became of everything, after the channel has been closed; ends the dispatching thread. */
  CloseReport end() {
    if (Thread.currentThread() != dispatcher) {
      dispatcher.interrupt();
    }
    lock.lock();
    try {
      return new CloseReport(completed, released, lost + withHandler.size());
    } finally {
      lock.unlock();
    }
  }
}
