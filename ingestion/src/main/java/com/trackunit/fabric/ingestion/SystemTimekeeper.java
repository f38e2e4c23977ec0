// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.FabricThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The machine's clock and one daemon thread, which is started with the first alarm. */
final class SystemTimekeeper implements Timekeeper {
  private final ScheduledThreadPoolExecutor executor;
  private final Set<Ringing> pending = ConcurrentHashMap.newKeySet();

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
    Ringing alarm = new Ringing(task);
    pending.add(alarm);
    try {
      alarm.scheduled = executor.schedule(alarm, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      alarm.run();
    }
    return alarm;
  }

  @Override
  public void close() {
    executor.shutdownNow();
    new ArrayList<>(pending).forEach(Ringing::run);
  }

  private final class Ringing implements Alarm, Runnable {
    private final Runnable task;
    private final AtomicBoolean isOver = new AtomicBoolean();
    private volatile @Nullable Future<?> scheduled;

    Ringing(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (isOver.compareAndSet(false, true)) {
        pending.remove(this);
        task.run();
      }
    }

    @Override
    public void cancel() {
      if (isOver.compareAndSet(false, true)) {
        pending.remove(this);
        Future<?> timer = scheduled;
        if (timer != null) {
          timer.cancel(false);
        }
      }
    }
  }
}
