// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What happened on other threads, to be dealt with on the route's own. Posting wakes the owner, but
 * only while it sleeps and only once a sleep: a Kafka consumer that is woken before each poll would
 * never fetch.
 *
 * <p>{@link #post}, {@link #add} and {@link #wake} are for any thread, everything else for the
 * owner. Nothing blocks but {@link #await}.
 */
final class Mailbox {
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Runnable> alarm = new AtomicReference<>();

  /** Leaves an event and ends the owner's sleep, if it sleeps. */
  void post(Runnable event) {
    add(event);
    wake();
  }

  /** One of several events, after the last of which {@link #wake} is called. */
  void add(Runnable event) {
    events.add(event);
  }

  /** Ends the owner's sleep, if it sleeps. */
  void wake() {
    Runnable wake = alarm.getAndSet(null);
    if (wake != null) {
      wake.run();
    }
  }

  /** Deals with everything posted so far. */
  void deliver() {
    Runnable event;
    while ((event = events.poll()) != null) {
      event.run();
    }
  }

  /**
   * About to sleep.
   *
   * @param wake ends the sleep
   * @return false if there is something to deliver already: do not sleep
   */
  boolean arm(Runnable wake) {
    alarm.set(wake);
    if (events.isEmpty()) {
      return true;
    }
    alarm.set(null);
    return false;
  }

  /** Awake again. */
  void disarm() {
    alarm.set(null);
  }

  /** Sleeps until something is posted, at most a given time. */
  void await(Duration atMost) {
    Thread owner = Thread.currentThread();
    if (arm(() -> LockSupport.unpark(owner))) {
      LockSupport.parkNanos(this, atMost.toNanos());
      disarm();
    }
  }
}
