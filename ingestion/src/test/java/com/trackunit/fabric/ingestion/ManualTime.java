// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Time that only moves when it is told to, or when somebody waits between attempts: an alarm of
 * less than eight seconds rings at once, and time moves on by it. The limits of attempts in these
 * tests are longer.
 */
final class ManualTime implements Timekeeper {
  private record Due(long at, Runnable task) {}

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

  private final Queue<Due> alarms = new PriorityQueue<>(Comparator.comparingLong(Due::at));
  private long now;

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  public Alarm after(Duration delay, Runnable task) {
    if (delay.compareTo(LONGEST_WAIT) < 0) {
      advance(delay);
      task.run();
      return () -> {};
    }
    synchronized (this) {
      Due due = new Due(now + delay.toNanos(), task);
      alarms.add(due);
      return () -> cancel(due);
    }
  }

  /** Moves on, and rings what is due on the way. */
  void advance(Duration by) {
    long until = nanos() + by.toNanos();
    Optional<Due> due = due(until);
    while (due.isPresent()) {
      due.get().task().run();
      due = due(until);
    }
    synchronized (this) {
      now = Math.max(now, until);
    }
  }

  Duration elapsed() {
    return Duration.ofNanos(nanos());
  }

  @Override
  public void close() {
    Optional<Due> due = take(Long.MAX_VALUE);
    while (due.isPresent()) {
      due.get().task().run();
      due = take(Long.MAX_VALUE);
    }
  }

  private synchronized Optional<Due> due(long until) {
    Optional<Due> next = take(until);
    next.ifPresent(due -> now = Math.max(now, due.at()));
    return next;
  }

  private synchronized Optional<Due> take(long until) {
    Due next = alarms.peek();
    if (next == null || next.at() > until) {
      return Optional.empty();
    }
    return Optional.of(alarms.remove());
  }

  private synchronized void cancel(Due due) {
    alarms.remove(due);
  }
}
