// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.FabricThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The machine's clock and one daemon thread, which is started with the first alarm. Nearly every
 * alarm is the limit of a call and is taken back long before its time, so the thread is woken only
 * for one that is due before it would wake by itself: a call that ends well costs no switch of
 * threads.
 */
final class SystemTimekeeper implements Timekeeper {
  private final ScheduledThreadPoolExecutor executor;
  private final Object lock = new Object();
  private final NavigableSet<Due> pending = new TreeSet<>();
  private long numbers;
  private @Nullable Future<?> planned;
  private long plannedAt;
  private boolean isClosed;

  SystemTimekeeper() {
    executor = new ScheduledThreadPoolExecutor(1, FabricThreads.named("ingestion", "timer"));
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Alarm after(Duration delay, Runnable task) {
    long at = nanos() + delay.toNanos();
    synchronized (lock) {
      if (!isClosed) {
        Due due = new Due(at, numbers++, task);
        pending.add(due);
        wakeBy(at);
        return () -> cancel(due);
      }
    }
    task.run();
    return () -> {};
  }

  @Override
  public void close() {
    List<Due> left;
    synchronized (lock) {
      isClosed = true;
      left = new ArrayList<>(pending);
      pending.clear();
    }
    executor.shutdownNow();
    left.forEach(due -> due.task().run());
  }

  private void cancel(Due due) {
    synchronized (lock) {
      pending.remove(due);
    }
  }

  /** Rings one alarm, if one is due; the next is planned first, whatever comes of this one. */
  private void ring() {
    Due first = null;
    synchronized (lock) {
      planned = null;
      if (!pending.isEmpty() && pending.first().at() - nanos() <= 0) {
        first = pending.pollFirst();
      }
      if (!pending.isEmpty()) {
        wakeBy(pending.first().at());
      }
    }
    if (first != null) {
      first.task().run();
    }
  }

  private void wakeBy(long at) {
    if (planned != null) {
      if (plannedAt - at <= 0) {
        return;
      }
      planned.cancel(false);
    }
    plannedAt = at;
    planned = executor.schedule(this::ring, at - nanos(), TimeUnit.NANOSECONDS);
  }

  /** What is to happen when; the number tells apart what is due at the same time. */
  private record Due(long at, long number, Runnable task) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      long later = at - other.at; // times of this clock may overflow, their differences do not
      return later != 0 ? Long.signum(later) : Long.compare(number, other.number);
    }
  }
}
