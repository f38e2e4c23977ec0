// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** The wait between the start of a broker's process and its first answer. */
final class Readiness {
  private static final Duration PROBE_EVERY = Duration.ofMillis(50);

  private Readiness() {}

  /**
   * Asks until the answer is yes. If the process leaves, time is up or the thread is interrupted,
   * the process is killed and the error says what its log says.
   */
  static GuardedProcess await(
      GuardedProcess process, BooleanSupplier ready, Duration timeout, Path log) {
    Deadline deadline = Deadline.after(timeout, Ticker.system());
    while (!ready.getAsBoolean()) {
      OptionalInt status = process.waitForExit(PROBE_EVERY);
      String seen = null;
      if (status.isPresent()) {
        seen = "it left with exit status " + status.getAsInt();
      } else if (deadline.hasPassed()) {
        seen = "not ready within " + timeout;
      } else if (Thread.currentThread().isInterrupted()) {
        seen = "interrupted";
      }
      if (seen != null) {
        process.kill();
        throw new TestkitException(
            "start " + process + ": " + seen + ", expected it to serve clients." + LogTail.of(log),
            null);
      }
    }
    return process;
  }
}
