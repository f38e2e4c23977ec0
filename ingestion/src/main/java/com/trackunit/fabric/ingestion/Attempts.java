// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.time.Duration;
import java.util.Optional;

/**
 * The attempts of one call: how long the next may take, and whether there is one. Holds no clock
 * but its deadline's; used by one thread at a time.
 */
final class Attempts {
  private final int most;
  private final Backoff backoff;
  private final RetryBudget budget;
  private final Deadline deadline;
  private int made;

  Attempts(int most, Backoff backoff, RetryBudget budget, Deadline deadline) {
    this.most = most;
    this.backoff = backoff;
    this.budget = budget;
    this.deadline = deadline;
  }

  /** Throws if there is no time for another one. */
  void requireTime(CallSite site) {
    if (deadline.hasPassed()) {
      throw new IngestionUnavailableException(
          site.describe("not tried, the deadline has passed; allow more time"),
          Reason.DEADLINE,
          null);
    }
  }

  void begin() {
    made++;
  }

  int made() {
    return made;
  }

  Deadline deadline() {
    return deadline;
  }

  /** How long to wait for the next attempt; empty if this failure is the last word. */
  Optional<Duration> delayAfter(IngestionException failure) {
    if (made >= most
        || !(failure instanceof IngestionUnavailableException unavailable)
        || !mayPass(unavailable.reason())) {
      return Optional.empty();
    }
    Duration delay = backoff.delay(made);
    Duration asked = unavailable.retryAfter().orElse(Duration.ZERO);
    Duration longer = asked.compareTo(delay) > 0 ? asked : delay;
    // An attempt that could only begin too late would keep the caller waiting for nothing.
    boolean fits = longer.compareTo(deadline.remaining()) < 0;
    return fits && budget.take() ? Optional.of(longer) : Optional.empty();
  }

  /** Whether waiting within the call helps. An open circuit is there to answer at once. */
  private static boolean mayPass(Reason reason) {
    return switch (reason) {
      case NODE_AWAY, UNKNOWN_NAME, CONNECTION_LOST, TIMEOUT, STATUS -> true;
      case CIRCUIT_OPEN, DEADLINE, INTERRUPTED -> false;
    };
  }
}
