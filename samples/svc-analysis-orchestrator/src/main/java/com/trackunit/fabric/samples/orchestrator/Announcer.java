// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.NotPublishedException;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.Publisher;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes events to one fanout until they are confirmed, waiting in place in between: giving a
 * delivery back for a fault of the broker would count against the message.
 *
 * <p>An event that was rejected, or whose outcome is unknown, is published again with the same id.
 * One that no queue takes is published again for {@link #PATIENCE}, for a gateway that is just
 * declaring its queue. After that nobody listens: gateway queues outlive their gateways by far, so
 * no client waits for this event, and it is dropped with a warning, as are the following ones until
 * a queue is there.
 *
 * <p>Thread-safe; its consumers share it.
 */
final class Announcer {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(Announcer.class);
  private static final Duration ATTEMPT = Duration.ofSeconds(10);

  private final String exchange;
  private final Attempt attempt;
  private final Ticker ticker;
  private final CountDownLatch stopping;
  private final Backoff backoff =
      Backoff.exponential(
          Duration.ofMillis(50), Duration.ofSeconds(2), RandomGenerator.getDefault());
  private final AtomicReference<@Nullable Deadline> patience = new AtomicReference<>();

  /** One publish, to its outcome. */
  @FunctionalInterface
  interface Attempt {
    PublishOutcome publish(Message event) throws InterruptedException;
  }

  Announcer(String exchange, Attempt attempt, Ticker ticker, CountDownLatch stopping) {
    this.exchange = exchange;
    this.attempt = attempt;
    this.ticker = ticker;
    this.stopping = stopping;
  }

  static Announcer to(String exchange, Publisher publisher, CountDownLatch stopping) {
    return new Announcer(
        exchange, event -> publisher.publishAndWait(event, ATTEMPT), Ticker.system(), stopping);
  }

  /**
   * Blocks until the event is safe, or nobody's business.
   *
   * @return false if the service stops first: the event may or may not have gone out
   */
  boolean announce(Message event) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      String seen;
      try {
        PublishOutcome outcome = attempt.publish(event);
        if (outcome.isConfirmed()) {
          patience.set(null);
          return true;
        }
        if (outcome instanceof PublishOutcome.Returned && isPatienceOver()) {
          log.warn("{}: nobody listens, event {} dropped", exchange, event.messageId().orElse("-"));
          return true;
        }
        seen = outcome.toString();
      } catch (NotPublishedException e) {
        if (!e.isRetryable()) {
          return false;
        }
        seen = "not published";
      }
      log.info("{}: {} ({}), again", exchange, seen, event.messageId().orElse("-"));
      if (stopping.await(backoff.delay(failures).toNanos(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
  }

  private boolean isPatienceOver() {
    patience.compareAndSet(null, Deadline.after(PATIENCE, ticker));
    Deadline until = patience.get();
    return until != null && until.hasPassed();
  }
}
