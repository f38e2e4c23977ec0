// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * One {@code kill -9} of the RabbitMQ node while an arm moves; what was confirmed at the source is
 * looked for at the sink once nothing moves any more.
 */
final class Crash {
  private static final long LOOK_EVERY_NANOS = Duration.ofMillis(2).toNanos();
  private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

  /** Longer than any arm waits before it connects again, and than a dead consumer's session. */
  private static final long QUIET_NANOS = Duration.ofSeconds(12).toNanos();

  /** All are there; what comes twice comes soon. */
  private static final long SETTLED_NANOS = Duration.ofSeconds(2).toNanos();

  private static final double SECONDS_OF_LOAD = 3;
  private static final int LEAST = 2_000;
  private static final int MOST = 20_000;

  private final Lab lab;

  Crash(Lab lab) {
    this.lab = lab;
  }

  /**
   * Crashes an arm.
   *
   * @param perSecond the arm's rate, for as many messages as take it a few seconds
   */
  Verdict of(Cell cell, Arm arm, double perSecond) throws Exception {
    int messages = (int) Math.max(LEAST, Math.min(MOST, perSecond * SECONDS_OF_LOAD));
    Ledger ledger = new Ledger();
    Flow flow = lab.prepareNumbered(cell, messages, ledger);
    AutoCloseable running = arm.start(lab.site(), flow);
    try {
      awaitSome(flow, arm, messages);
      lab.killRabbit();
      if (arm.isRestartedByHand()) {
        abandon(running);
        running = arm.start(lab.site(), flow);
      }
      awaitQuiet(flow, messages);
    } finally {
      abandon(running);
    }
    lab.readSink(flow, ledger);
    return ledger.verdict();
  }

  private void awaitSome(Flow flow, Arm arm, int messages) throws IOException {
    try (Sink sink = lab.sink(flow)) {
      long begun = System.nanoTime();
      while (sink.count() < messages / 4) {
        if (System.nanoTime() - begun > PATIENCE_NANOS) {
          throw new IllegalStateException(arm.name() + " moves nothing of " + flow.cell());
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
    }
  }

  private void awaitQuiet(Flow flow, int messages) throws IOException {
    try (Sink sink = lab.sink(flow)) {
      long count = sink.count();
      long changed = System.nanoTime();
      while (System.nanoTime() - changed < (count < messages ? QUIET_NANOS : SETTLED_NANOS)) {
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
        long now = sink.count();
        if (now != count) {
          count = now;
          changed = System.nanoTime();
        }
      }
    }
  }

  /** Its connection may be dead, which it then says. */
  private static void abandon(AutoCloseable running) {
    try {
      running.close();
    } catch (Exception e) {
      System.err.println("while it was closed after the crash: " + e);
    }
  }
}
