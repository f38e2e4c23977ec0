// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Ticker;
import java.time.Clock;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of one {@link RabbitMessaging}: a timer whose tasks never block, and a pool for what
 * does (opening, declaring, sending what had waited, completing users' stages).
 */
final class Workers {
  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor pool;
  private final Ticker ticker = Ticker.system();
  private final Clock clock = Clock.systemUTC();

  Workers() {
    timer = new ScheduledThreadPoolExecutor(1, FabricThreads.named("messaging", "timer"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // A task that comes after the close (the last outcomes) runs where it comes from: none is lost.
    pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            FabricThreads.named("messaging", "worker"),
            (task, full) -> task.run());
  }

  ScheduledThreadPoolExecutor timer() {
    return timer;
  }

  ThreadPoolExecutor pool() {
    return pool;
  }

  Ticker ticker() {
    return ticker;
  }

  Clock clock() {
    return clock;
  }

  void shutdown() {
    timer.shutdown();
    pool.shutdown();
  }
}
