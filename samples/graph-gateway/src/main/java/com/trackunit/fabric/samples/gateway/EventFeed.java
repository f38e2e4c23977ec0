// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Takes each event once and hands it to its owner's subscriptions. An event may be here before the
 * news of its owner, for they come over two queues: it waits a little, and is dropped if nobody
 * claims it. All of that happens on one thread.
 *
 * <p>Thread-safe.
 */
final class EventFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventFeed.class);
  private static final int REMEMBERED = 65_536;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final Owners owners;
  private final EventHub hub;
  private final Patience patience;
  private final Ticker ticker;
  private final ScheduledExecutorService loop =
      Executors.newSingleThreadScheduledExecutor(FabricThreads.named("gateway", "events"));

  private final AtomicLong dropped = new AtomicLong();

  // Of the loop alone.
  private final RecentIds recent = new RecentIds(REMEMBERED);
  private final Queue<Held> held = new ArrayDeque<>();

  EventFeed(Owners owners, EventHub hub, Patience patience, Ticker ticker) {
    this.owners = owners;
    this.hub = hub;
    this.patience = patience;
    this.ticker = ticker;
    long every = LOOK_AGAIN.toMillis();
    var unused = loop.scheduleWithFixedDelay(this::lookAgain, every, every, TimeUnit.MILLISECONDS);
  }

  /**
   * How long an event without a known owner waits.
   *
   * @param time for each
   * @param events how many at once; the eldest make room
   */
  record Patience(Duration time, int events) {
    static final Patience DEFAULT = new Patience(Duration.ofSeconds(10), 10_000);
  }

  private record Held(AnalysisEvent event, Deadline until) {}

  /**
   * Takes an event; returns when it was handed on, or waits for its owner in memory. (Nothing is
   * lost by settling it then: the sockets it is for live no longer than this memory.)
   *
   * @param messageId tells a repeated message; empty where the producer gave none
   * @throws InterruptedException if interrupted meanwhile; it may have been handed on
   */
  void take(Optional<String> messageId, AnalysisEvent event) throws InterruptedException {
    try {
      loop.submit(() -> handle(messageId, event)).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an event could not be handed on", e.getCause());
    }
  }

  /** How many events nobody claimed in time. */
  long dropped() {
    return dropped.get();
  }

  @Override
  public void close() {
    loop.shutdownNow();
  }

  private void handle(Optional<String> messageId, AnalysisEvent event) {
    if (messageId.isPresent() && recent.contains(messageId.get())) {
      log.debug("{} came again, dropped", event.exchange());
      return;
    }
    boolean isHandedOn = offer(event);
    // Only now: where the hand-over throws, the message comes again, and must not be dropped then.
    messageId.ifPresent(recent::add);
    if (!isHandedOn) {
      held.add(new Held(event, Deadline.after(patience.time(), ticker)));
      if (held.size() > patience.events()) {
        drop(held.remove());
      }
    }
  }

  private void lookAgain() {
    for (Iterator<Held> each = held.iterator(); each.hasNext(); ) {
      Held waiting = each.next();
      if (offerAgain(waiting.event())) {
        each.remove();
      } else if (waiting.until().hasPassed()) {
        each.remove();
        drop(waiting);
      }
    }
  }

  /** An exception would end the loop's looking for good. */
  private boolean offerAgain(AnalysisEvent event) {
    try {
      return offer(event);
    } catch (RuntimeException e) {
      log.warn("{} of {} could not be handed on yet", event.exchange(), event.objectKey(), e);
      return false;
    }
  }

  private boolean offer(AnalysisEvent event) {
    Optional<Ownership> known = owners.of(event.objectKey());
    if (known.isEmpty()) {
      return false;
    }
    int subscriptions = hub.deliver(known.get().owner(), event);
    String id = event.correlationId() == null ? known.get().correlationId() : event.correlationId();
    MDC.put(CorrelationId.HEADER, id);
    log.info(
        "hop {}: {} handed to {} subscription(s)",
        event.exchange(),
        event.objectKey(),
        subscriptions);
    MDC.remove(CorrelationId.HEADER);
    return true;
  }

  private void drop(Held waiting) {
    log.warn(
        "{} of {}: nobody owns it, dropped; {} so far",
        waiting.event().exchange(),
        waiting.event().objectKey(),
        dropped.incrementAndGet());
  }
}
