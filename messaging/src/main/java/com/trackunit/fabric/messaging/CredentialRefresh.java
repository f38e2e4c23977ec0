// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for new credentials before the old ones end and tells them to the open connections. A
 * failure is followed by another try: the timer ends only when it is stopped.
 */
final class CredentialRefresh {
  private static final Logger log = LoggerFactory.getLogger(CredentialRefresh.class);
  private static final Duration SOONEST = Duration.ofMillis(200);

  private final RabbitSettings settings;
  private final Workers workers;
  private final List<RabbitConnection> connections;
  private final Backoff backoff =
      Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(30), new Random());
  private @Nullable ScheduledFuture<?> next; // guarded by this
  private boolean stopped; // guarded by this
  private int failures; // only on the one task at a time

  CredentialRefresh(RabbitSettings settings, Workers workers, List<RabbitConnection> connections) {
    this.settings = settings;
    this.workers = workers;
    this.connections = connections;
  }

  /** Begins with what the connections were opened with. */
  void start(@Nullable Instant expiresAt) {
    if (expiresAt != null) {
      later(untilRefresh(expiresAt));
    }
  }

  private Duration untilRefresh(Instant expiresAt) {
    Duration left = Duration.between(workers.clock().instant(), expiresAt);
    Duration wait = left.multipliedBy(2).dividedBy(3);
    return wait.compareTo(SOONEST) < 0 ? SOONEST : wait;
  }

  private synchronized void later(Duration wait) {
    if (stopped) {
      return;
    }
    try {
      next =
          workers
              .timer()
              .schedule(
                  () -> workers.pool().execute(this::refresh),
                  wait.toNanos(),
                  TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("credentials: no refresh after the close");
    }
  }

  private void refresh() {
    Duration wait;
    try {
      Credentials fresh = settings.credentials();
      connections.forEach(connection -> connection.tellCredentials(fresh));
      failures = 0;
      Instant end = fresh.expiresAt();
      if (end == null) {
        return;
      }
      wait = untilRefresh(end);
    } catch (RuntimeException e) {
      wait = backoff.delay(++failures);
      log.warn("credentials: no new ones ({}); asked again in {}", e.getMessage(), wait);
    }
    later(wait);
  }

  synchronized void stop() {
    stopped = true;
    if (next != null) {
      next.cancel(false);
    }
  }
}
