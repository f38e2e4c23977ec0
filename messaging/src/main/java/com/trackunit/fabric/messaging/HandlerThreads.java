// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricThreads;
import io.micrometer.observation.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that run a consumer's handler, and the watch that ends attempts whose time is up. A
 * thread that does not return from its handler is given up and replaced, so that the others'
 * messages do not wait for it.
 */
final class HandlerThreads {
  private static final Logger log = LoggerFactory.getLogger(HandlerThreads.class);

  private final DeliveryLine line;
  private final Settling settling;
  private final ReentrantLock lock;
  private final DeliveryHandler handler;
  private final @Nullable Function<? super Delivery, ?> keyOf;
  private final String queue;
  private final Workers workers;
  private final Observations observations;
  private final int concurrency;
  private final Duration limit;
  private final ThreadFactory threads;
  private final List<Worker> all = new ArrayList<>(); // guarded by lock, the line's own
  private final ScheduledFuture<?> watch;
  private int givenUp; // guarded by lock

  HandlerThreads(
      Consumer.Builder options, DeliveryLine line, Settling settling, DeliveryHandler handler) {
    this.line = line;
    this.settling = settling;
    this.lock = line.lock();
    this.handler = handler;
    this.keyOf = options.keyOf();
    this.queue = options.queue();
    this.workers = options.messaging().workers();
    this.observations = options.messaging().observations();
    this.concurrency = options.concurrency();
    this.limit = options.handlerTimeout();
    this.threads = FabricThreads.named("messaging", "consumer-" + queue);
    long tick = Math.max(10, Math.min(1000, limit.toMillis() / 4));
    this.watch =
        workers
            .timer()
            .scheduleWithFixedDelay(
                () -> workers.pool().execute(this::endOverdue), tick, tick, TimeUnit.MILLISECONDS);
  }

  void start() {
    lock.lock();
    try {
      for (int i = 0; i < concurrency; i++) {
        startOne();
      }
    } finally {
      lock.unlock();
    }
  }

  private void startOne() {
    Worker worker = new Worker();
    worker.thread = threads.newThread(worker);
    all.add(worker);
    worker.thread.start();
  }

  private final class Worker implements Runnable {
    private @Nullable Thread thread; // guarded by lock, as the others
    private @Nullable Delivery current;
    private boolean isGivenUp;

    @Override
    public void run() {
      try {
        for (Delivery next = take(this); next != null; next = take(this)) {
          attempt(next);
        }
      } catch (InterruptedException e) {
        log.debug("consumer of {}: a handler thread was interrupted by close", queue);
      }
    }
  }

  /**
   * The next delivery for a worker, which has returned from the one before; null if it is to end.
   */
  private @Nullable Delivery take(Worker worker) throws InterruptedException {
    Delivery overdue;
    lock.lock();
    try {
      overdue = returned(worker);
      if (overdue == null) {
        return next(worker);
      }
    } finally {
      lock.unlock();
    }
    endOverdue(overdue);
    return null;
  }

  /** The caller holds the lock. */
  private @Nullable Delivery next(Worker worker) throws InterruptedException {
    while (!line.isClosing()) {
      line.takeIn();
      // In order: what a dead channel brings again waits for the handlers that still have it.
      if (!line.isHeldBack() && !hasOlder()) {
        Held unsorted = line.incoming().nextToSort();
        if (unsorted != null) {
          sort(unsorted);
          continue;
        }
        Held next = line.incoming().next(settling, workers.ticker().nanos());
        if (next != null) {
          if (line.incoming().hasWork()) {
            line.wakeOne();
          }
          worker.current = next.current;
          return next.current;
        }
      }
      line.awaitWork();
    }
    return null;
  }

  /** Whether an ordered handler still has what came on a channel that is gone. */
  private boolean hasOlder() {
    if (!line.incoming().isOrdered()) {
      return false;
    }
    for (Worker worker : all) {
      if (worker.current != null
          && !worker.isGivenUp
          && worker.current.held().epoch() != line.incoming().epoch()) {
        return true;
      }
    }
    return false;
  }

  /** The key is the application's code, so the lock is let go for it; one at a time sorts. */
  private void sort(Held held) {
    lock.unlock();
    Object key;
    try {
      key = key(held);
    } finally {
      lock.lock();
    }
    line.incoming().sorted(held, key);
    line.wakeOne();
  }

  private Object key(Held held) {
    try {
      Object key =
          keyOf == null ? null : keyOf.apply(new Delivery(settling, held, Attempts.of(held)));
      return key == null ? Incoming.ONE_LANE : key;
    } catch (RuntimeException e) {
      log.warn("consumer of {}: orderedBy threw; the message joins those without a key", queue, e);
      return Incoming.ONE_LANE;
    }
  }

  // Whatever user code throws, an Error among it, is a failed attempt: the worker lives on.
  private void attempt(Delivery delivery) {
    Observation observation = observations.processing(queue, delivery).start();
    Propagation.Scope before = Propagation.enter(delivery);
    Observation.Scope observed = observation.openScope();
    try {
      handler.handle(delivery);
    } catch (Throwable e) {
      observation.error(e);
      SettleResult result = delivery.failedAttempt(e);
      if (result == null) {
        log.warn("consumer of {}: the handler threw after it settled {}", queue, delivery, e);
      } else {
        log.warn("consumer of {}: failed attempt at {} ({})", queue, delivery, result, e);
      }
    } finally {
      observed.close();
      before.close();
      observation.stop();
    }
  }

  /**
   * Ends the worker's attempt; its delivery if the worker is given up. The caller holds the lock.
   */
  private @Nullable Delivery returned(Worker worker) {
    Delivery delivery = worker.current;
    if (delivery == null) {
      return null; // its first one is still to come
    }
    worker.current = null;
    if (line.incoming().isOrdered()) {
      line.wakeAll(); // who waits in hasOlder() looks again
    }
    if (!line.isClosing()) {
      boolean unused = Thread.interrupted(); // it was meant for the attempt that is over
    }
    if (worker.isGivenUp) {
      givenUp--;
      all.remove(worker);
      return delivery;
    }
    return null;
  }

  /** Called at short intervals. */
  private void endOverdue() {
    List<Delivery> overdue = new ArrayList<>();
    lock.lock();
    try {
      long before = workers.ticker().nanos() - limit.toNanos();
      for (Held held : line.incoming().handedBefore(before)) {
        Worker worker = workerOf(held);
        if (worker != null) {
          giveUp(worker);
        }
        // In order, the next attempt waits until the handler has let go of this one.
        if (held.current != null && (worker == null || !line.incoming().isOrdered())) {
          overdue.add(held.current);
        }
      }
    } finally {
      lock.unlock();
    }
    overdue.forEach(this::endOverdue);
  }

  private @Nullable Worker workerOf(Held held) {
    for (Worker worker : all) {
      if (worker.current != null && worker.current == held.current) {
        return worker;
      }
    }
    return null;
  }

  private void giveUp(Worker worker) {
    if (worker.isGivenUp || worker.thread == null || line.isClosing()) {
      return;
    }
    log.error(
        "consumer of {}: the handler took longer than {} for {} and is interrupted",
        queue,
        limit,
        worker.current);
    worker.thread.interrupt();
    if (givenUp < concurrency) {
      worker.isGivenUp = true;
      givenUp++;
      startOne();
    }
  }

  private void endOverdue(Delivery delivery) {
    SettleResult unused =
        settling.retry(delivery, null, new HandlerTimeoutException(queue, limit, delivery));
  }

  boolean isHandler(Thread thread) {
    lock.lock();
    try {
      return all.stream().anyMatch(worker -> worker.thread == thread && worker.current != null);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the threads, all but the caller's own; one in a handler is interrupted. */
  void end() {
    watch.cancel(false);
    lock.lock();
    try {
      for (Worker worker : all) {
        if (worker.thread != null && worker.thread != Thread.currentThread()) {
          worker.thread.interrupt();
        }
      }
      line.wakeAll();
    } finally {
      lock.unlock();
    }
  }
}
