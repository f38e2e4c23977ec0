// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a route, whichever way it goes: its thread and mailbox, its state and status, and
 * what it has been asked to do. The work itself is a driver's.
 *
 * <p>Thread-safe, but for {@link #report} and what it says of the route's own thread.
 */
final class RouteThread {
  /** What a driver knows of its route when it reports. */
  record Report(
      RouteCounts counts,
      Map<String, Long> committedOffsets,
      @Nullable RouteException lastError,
      RouteStatus.Flow flow) {}

  private static final Logger log = LoggerFactory.getLogger(RouteThread.class);
  private static final Duration STANDSTILL = Duration.ofMinutes(1);
  private static final long STATUS_EVERY_NANOS = Duration.ofMillis(50).toNanos();

  private final Route route;
  private final Ticker ticker;
  private final Mailbox mailbox = new Mailbox();
  private final Lifecycle lifecycle;
  private final Thread thread;
  private long statusAt;

  private volatile RouteStatus status;
  private volatile long lastTurn;
  private volatile @Nullable Deadline closeBy;
  private volatile boolean abandoned;
  private volatile boolean paused;
  private volatile List<String> warnings = List.of();
  private final Rates rates = new Rates();

  /** Guards {@link #drained}; who waits for it is told. */
  private final Object drainLock = new Object();

  private boolean drained;

  RouteThread(Route route, Ticker ticker, Consumer<RouteThread> work) {
    this.route = route;
    this.ticker = ticker;
    this.lastTurn = ticker.nanos();
    this.lifecycle = new Lifecycle("route " + route.name(), Clock.systemUTC(), Runnable::run);
    this.status =
        new RouteStatus(
            route,
            ResourceState.OPENING,
            "not started",
            RouteCounts.NONE,
            Map.of(),
            null,
            RouteStatus.Flow.NONE);
    this.thread = FabricThreads.named("bridge", route.name()).newThread(() -> work.accept(this));
  }

  Route route() {
    return route;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  Ticker ticker() {
    return ticker;
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  RouteStatus status() {
    return status;
  }

  Health health() {
    String name = "route " + route.name();
    RouteStatus seen = status;
    Duration still = Duration.ofNanos(ticker.nanos() - lastTurn);
    if (thread.isAlive() && still.compareTo(STANDSTILL) > 0) {
      return Health.down(name, "its thread has not come round for " + still.toSeconds() + " s");
    }
    return lifecycle.state() == ResourceState.OPEN
        ? Health.up(name, seen.toString())
        : Health.down(name, lifecycle.state() + ": " + seen.detail());
  }

  void start() {
    lastTurn = ticker.nanos();
    thread.start();
  }

  /** Takes no more from the source, or takes it again; what is in flight is settled. */
  void pause(boolean on) {
    synchronized (drainLock) {
      paused = on;
      drained = false;
    }
    mailbox.post(() -> {});
  }

  /**
   * Waits until a paused route has nothing in flight and nothing left to commit or acknowledge.
   *
   * @return false if it has not come to that in time
   */
  boolean awaitDrained(Deadline deadline) throws InterruptedException {
    synchronized (drainLock) {
      while (!drained && !deadline.hasPassed()) {
        drainLock.wait(Math.max(1, deadline.remaining().toMillis()));
      }
      return drained;
    }
  }

  /** Something was found that may lose messages: for the log once, and for the status. */
  void warn(List<String> found) {
    synchronized (drainLock) {
      warnings = Stream.concat(warnings.stream(), found.stream()).toList();
    }
    found.forEach(warning -> log.warn("{}: {}", route, warning));
  }

  /** On the route's thread: a route that was paused before this turn has nothing left to do. */
  void drained(Supplier<Report> report) {
    synchronized (drainLock) {
      if (!paused || drained) {
        return;
      }
    }
    publish("paused", report.get()); // whoever waits looks at the status next
    synchronized (drainLock) {
      drained = paused;
      drainLock.notifyAll();
    }
  }

  boolean isPaused() {
    return paused;
  }

  /** Asks the route to drain and end before a deadline; {@link #join} waits for it. */
  void close(Deadline deadline) {
    closeBy = deadline;
    mailbox.post(() -> {});
  }

  /** Ends the route as a kill would: nothing more is confirmed or committed. */
  void abandon() {
    abandoned = true;
    close(Deadline.after(Duration.ZERO, ticker));
  }

  /** By when it must have ended; null while it goes on. */
  @Nullable Deadline closeBy() {
    return closeBy;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /**
   * Waits for the route's end.
   *
   * @return false if it has not ended in time
   */
  boolean join(Duration atMost) throws InterruptedException {
    if (atMost.toMillis() > 0) {
      thread.join(atMost.toMillis());
    }
    return !thread.isAlive();
  }

  /** The last resort, for a thread that does not end: it may be inside a client's call. */
  void interrupt() {
    thread.interrupt();
  }

  static Duration age(OptionalLong since, Ticker ticker) {
    return since.isEmpty()
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, ticker.nanos() - since.getAsLong()));
  }

  // ---- the route's thread -----------------------------------------------------------------------

  /** It has come round. */
  void turned() {
    lastTurn = ticker.nanos();
  }

  /** It has come round, and this is how things are; the report is asked for now and then. */
  void report(@Nullable String trouble, Supplier<Report> report) {
    turned();
    boolean changed;
    if (trouble == null) {
      changed = lifecycle.moveTo(ResourceState.OPEN, "messages move");
    } else {
      // A route that has not been open yet is still OPENING; its status tells why.
      changed =
          lifecycle.state() == ResourceState.OPEN
              && lifecycle.moveTo(ResourceState.RECOVERING, trouble);
    }
    if (changed || lastTurn - statusAt >= STATUS_EVERY_NANOS) {
      publish(trouble == null ? (paused ? "paused" : "ok") : trouble, report.get());
    }
  }

  /** Something is wrong that ends what the route was about. */
  void failed(String trouble, Report report) {
    lifecycle.moveTo(ResourceState.RECOVERING, trouble);
    publish(trouble, report);
  }

  void closing() {
    lifecycle.moveTo(ResourceState.CLOSING, "close was called");
  }

  void ended(String reason, Report report) {
    lifecycle.moveTo(ResourceState.CLOSED, reason);
    publish(reason, report);
  }

  private void publish(String detail, Report report) {
    statusAt = ticker.nanos();
    status =
        new RouteStatus(
            route,
            lifecycle.state(),
            detail,
            report.counts(),
            report.committedOffsets(),
            report.lastError(),
            report.flow().with(warnings).with(rates.perSecond(report.counts(), statusAt)));
  }

  /** Sleeps for a while, dealing with the mailbox, unless the route is to end. */
  void sleep(Duration pause) {
    Deadline end = Deadline.after(pause, ticker);
    while (closeBy == null && !end.hasPassed()) {
      turned();
      mailbox.await(end.remaining());
      mailbox.deliver();
    }
  }
}
