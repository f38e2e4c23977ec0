// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the reader thread to the handlers and back: the lock around {@link Incoming}, and what its
 * answers lead to. The lock is held neither while a handler runs nor while anything is written.
 *
 * <p>The reader thread does not take the lock while a handler thread is awake: it leaves what
 * arrives in {@code arrived}, and whoever takes the lock next to look for work takes all of that
 * in; a thread that waits is woken once for all that one read of the socket has brought. So the two
 * meet once for many deliveries, and not at all for most.
 */
final class DeliveryLine implements ChannelEvents {
  private static final Logger log = LoggerFactory.getLogger(DeliveryLine.class);

  private final String queue;
  private final @Nullable StreamPosition stream;
  private final Workers workers;
  private final AckWriter ackWriter;
  private final KillSwitch.@Nullable Fuse fuse; // guarded by lock
  private final Duration switchPause;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition settled = lock.newCondition();
  private final Queue<Held> arrived = new ConcurrentLinkedQueue<>();

  /**
   * Handler threads that wait and that nobody has woken: never fewer than there are. Written under
   * the lock; the reader thread looks at it after it has left something in {@code arrived}, and a
   * handler thread at {@code arrived} after it has counted itself, so that one of them sees it.
   */
  private volatile int asleep;

  private final Incoming incoming; // guarded by lock, as all below
  private @Nullable ChannelPort port;
  private boolean paused;
  private @Nullable String tripped;
  private boolean closing;
  private boolean withdrawn;
  private long completed; // since closing began, as the next two
  private long released;
  private long lost;

  DeliveryLine(Consumer.Builder options, Incoming.Order order, @Nullable StreamPosition stream) {
    this.queue = options.queue();
    this.stream = stream;
    this.workers = options.messaging().workers();
    KillSwitch killSwitch = options.killSwitch();
    this.fuse = killSwitch == null ? null : killSwitch.fuse();
    this.switchPause = killSwitch == null ? Duration.ZERO : killSwitch.pause();
    this.incoming = new Incoming(order, Math.max(1, Math.min(256, options.prefetch() / 4)));
    this.ackWriter = new AckWriter(lock, incoming, workers, () -> port);
  }

  AckWriter ackWriter() {
    return ackWriter;
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Waits until a handler may have something to do; the caller holds the lock, and looks again. */
  // The update is under the lock; the loop is the caller's.
  @SuppressWarnings({"NonAtomicVolatileUpdate", "WaitNotInLoop"})
  void awaitWork() throws InterruptedException {
    asleep++;
    if (arrived.isEmpty()) {
      work.await();
    } else {
      asleep--;
    }
  }

  /** One handler thread looks for work, if one waits; the caller holds the lock. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  void wakeOne() {
    if (asleep > 0) {
      asleep--;
      work.signal();
    }
  }

  /** All handler threads look again; the caller holds the lock. */
  void wakeAll() {
    asleep = 0;
    work.signalAll();
  }

  /** Takes in what the reader thread has left; the caller holds the lock. */
  void takeIn() {
    for (Held held = arrived.poll(); held != null; held = arrived.poll()) {
      if (held.epoch() != incoming.epoch()) {
        continue; // its channel is gone, and it comes again
      }
      if (withdrawn) {
        released++; // closing the channel gives it back
        continue;
      }
      if (stream != null) {
        stream.delivered(held.header(StreamPosition.OFFSET));
      }
      incoming.arrived(held);
    }
  }

  /** For {@link HandlerThreads}, which holds the lock. */
  Incoming incoming() {
    return incoming;
  }

  /** Whether handlers get nothing for now; the caller holds the lock. */
  boolean isHeldBack() {
    return paused || tripped != null;
  }

  boolean isClosing() {
    return closing;
  }

  /** Whether what no handler has was given back; the caller holds the lock. */
  boolean isWithdrawn() {
    return withdrawn;
  }

  /** The arguments to subscribe with, for a stream. */
  java.util.Map<String, Object> streamArguments(StreamPosition position) {
    lock.lock();
    try {
      return position.arguments();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void opened(ChannelPort channel) {
    lock.lock();
    try {
      port = channel;
      incoming.opened(channel.epoch());
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
    arrived.add(new Held(epoch, envelope, properties, body));
  }

  @Override
  public void batchDelivered(long epoch) {
    if (asleep > 0) {
      lock.lock();
      try {
        wakeOne();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void closed(long epoch, String reason) {
    lock.lock();
    try {
      takeIn();
      port = null;
      int withHandler = incoming.closed();
      lost += closing ? withHandler : 0;
      if (stream != null) {
        stream.epochOver();
      }
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A claimed one is over; the caller holds the lock. */
  void noteOver(Held held) {
    completed += closing ? 1 : 0;
    if (stream != null) {
      stream.settled(held.header(StreamPosition.OFFSET));
    }
    if (incoming.hasWork()) {
      wakeOne();
    }
    settled.signalAll();
  }

  /** A claimed one waits for its next attempt; the caller holds the lock. */
  void noteWaiting() {
    released += withdrawn ? 1 : 0;
    settled.signalAll();
  }

  /** The channel that a delivery came on, if it lives. */
  @Nullable ChannelPort port(Held held) {
    lock.lock();
    try {
      return incoming.epoch() == held.epoch() ? port : null;
    } finally {
      lock.unlock();
    }
  }

  /** The live channel; the caller holds the lock. */
  @Nullable ChannelPort port() {
    return port;
  }

  /** Notes an attempt for the kill switch; the caller holds the lock. */
  void record(boolean failed) {
    if (fuse != null && fuse.trips(failed) && !closing) {
      tripped = "too many of the last attempts failed; it goes on in " + switchPause;
      log.error("consumer of {}: paused by its kill switch, {}", queue, tripped);
      ScheduledFuture<?> unused =
          workers.timer().schedule(this::untrip, switchPause.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void untrip() {
    lock.lock();
    try {
      tripped = null;
      wakeAll();
    } finally {
      lock.unlock();
    }
    log.info("consumer of {}: the kill switch lets it go on", queue);
  }

  /** Why the kill switch holds it back, or null. */
  @Nullable String tripped() {
    lock.lock();
    try {
      return tripped;
    } finally {
      lock.unlock();
    }
  }

  void pause(boolean on) {
    lock.lock();
    try {
      paused = on;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isPaused() {
    lock.lock();
    try {
      return isHeldBack();
    } finally {
      lock.unlock();
    }
  }

  /** Hands out nothing more for good; false if it was closing already. */
  boolean beginClose() {
    lock.lock();
    try {
      boolean first = !closing;
      closing = true;
      wakeAll();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back what no handler has: at once if told so, else when the channel closes. */
  void withdraw(boolean now) {
    List<Held> idle;
    ChannelPort to;
    lock.lock();
    try {
      takeIn();
      withdrawn = true;
      idle = incoming.withdraw();
      released += idle.size();
      to = port;
    } finally {
      lock.unlock();
    }
    if (!now || to == null) {
      return;
    }
    try {
      for (Held held : idle) {
        to.release(held.tag());
      }
    } catch (StaleChannelException e) {
      log.debug("{}", e.getMessage()); // then all of it is given back
    }
  }

  /**
   * Waits for what the handlers have, but for one that the caller itself has; then writes all acks.
   *
   * @return true if nothing is left with a handler
   */
  boolean awaitHandlers(Deadline deadline, boolean callerIsHandler) {
    int own = callerIsHandler ? 1 : 0;
    boolean done;
    lock.lock();
    try {
      while (incoming.handed() > own && !deadline.hasPassed()) {
        boolean unused =
            settled.await(Math.max(1, deadline.remaining().toNanos()), TimeUnit.NANOSECONDS);
      }
      done = incoming.handed() <= own;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      done = false;
    } finally {
      lock.unlock();
    }
    ackWriter.flush(true);
    return done;
  }

  /** What became of everything, after the channel has been closed. */
  CloseReport report() {
    lock.lock();
    try {
      takeIn();
      return new CloseReport(completed, released, lost + incoming.handed());
    } finally {
      lock.unlock();
    }
  }
}
