// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.flow.AckRun;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the acks that {@link AckRun} has collected: when enough wait, and a few milliseconds after
 * the last write at the latest: while enough come, the timer writes none in between, as each ack
 * lets the broker send as many deliveries in one go. One writer at a time, because an ack names
 * tags that an ack written before it may not have taken away: {@code flushing} is held from the
 * choice to the write.
 */
final class AckWriter {
  private static final Logger log = LoggerFactory.getLogger(AckWriter.class);
  private static final long DELAY_NANOS = Duration.ofMillis(5).toNanos();

  private final ReentrantLock state;
  private final Incoming incoming; // guarded by state
  private final Workers workers;
  private final Supplier<@Nullable ChannelPort> port; // asked under state
  private final ReentrantLock flushing = new ReentrantLock();
  private boolean scheduled; // guarded by state
  private long writes; // guarded by state

  AckWriter(
      ReentrantLock state,
      Incoming incoming,
      Workers workers,
      Supplier<@Nullable ChannelPort> port) {
    this.state = state;
    this.incoming = incoming;
    this.workers = workers;
    this.port = port;
  }

  /** Whether acks should be written now; else they will be, soon. The caller holds the state. */
  boolean isDueElseLater(long nowNanos) {
    if (incoming.acks().isDue(nowNanos)) {
      return true;
    }
    if (!scheduled && incoming.acks().hasAcks()) {
      scheduled = true;
      lookAgain(writes);
    }
    return false;
  }

  private void lookAgain(long writesBefore) {
    ScheduledFuture<?> unused =
        workers.timer().schedule(() -> look(writesBefore), DELAY_NANOS, TimeUnit.NANOSECONDS);
  }

  private void look(long writesBefore) {
    state.lock();
    try {
      if (writes != writesBefore) {
        lookAgain(writes);
        return;
      }
    } finally {
      state.unlock();
    }
    workers.pool().execute(this::flushInTime);
  }

  private void flushInTime() {
    state.lock();
    try {
      scheduled = false;
    } finally {
      state.unlock();
    }
    flush(false);
    boolean more;
    state.lock();
    try {
      more = isDueElseLater(workers.ticker().nanos());
    } finally {
      state.unlock();
    }
    if (more) {
      flush(false);
    }
  }

  /**
   * Writes what is due.
   *
   * @param all true for everything
   */
  void flush(boolean all) {
    flushing.lock();
    try {
      ChannelPort to;
      List<AckRun.Ack> due;
      state.lock();
      try {
        to = port.get();
        due = incoming.acks().take(workers.ticker().nanos(), all);
        writes++;
      } finally {
        state.unlock();
      }
      if (to != null) {
        due.forEach(ack -> to.ack(ack.tag(), ack.multiple()));
      }
    } catch (StaleChannelException e) {
      log.debug("{}", e.getMessage()); // they come again, as after every lost channel
    } finally {
      flushing.unlock();
    }
  }
}
