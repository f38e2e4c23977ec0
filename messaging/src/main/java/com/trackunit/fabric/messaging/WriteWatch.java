// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Notices a write that does not return. A writer that is stuck in its socket cannot time out by
 * itself, and neither amqp-client's close nor its abort gets past it; so someone else looks, and
 * closes the socket.
 *
 * <p>One writer at a time calls {@link #begin} and {@link #end}, without reading a clock; one
 * observer calls {@link #ticksInWrite} at a fixed interval.
 */
final class WriteWatch {
  /** Odd while a write is under way. */
  private final AtomicLong steps = new AtomicLong();

  private long lastSeen;
  private int ticks;

  void begin() {
    steps.lazySet(steps.getPlain() + 1);
  }

  void end() {
    steps.lazySet(steps.getPlain() + 1);
  }

  /**
   * How many looks in a row have seen the same write.
   *
   * @return 0 if no write is under way
   */
  int ticksInWrite() {
    long now = steps.get();
    if ((now & 1) == 0) {
      ticks = 0;
    } else {
      ticks = now == lastSeen ? ticks + 1 : 1;
    }
    lastSeen = now;
    return ticks;
  }
}
