// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker before the service, resilience4j's, on our clock. Every permission that
 * {@link #admit} gives is given back by one of the other methods. Thread-safe.
 */
final class Breaker {
  private static final int PROBES = 3;

  private final @Nullable CircuitBreaker circuit;
  private final Duration open;

  Breaker(RetrySettings settings, Ticker ticker) {
    this.open = settings.circuitOpen();
    int calls = settings.circuitCalls();
    this.circuit =
        calls == 0
            ? null
            : CircuitBreaker.of(
                "fabric-ingestion",
                CircuitBreakerConfig.custom()
                    .slidingWindowSize(calls)
                    .minimumNumberOfCalls(calls)
                    .failureRateThreshold(50)
                    .waitDurationInOpenState(settings.circuitOpen())
                    .permittedNumberOfCallsInHalfOpenState(PROBES)
                    .writableStackTraceEnabled(false)
                    .clock(new MonotonicClock(ticker))
                    .build());
  }

  /** Lets a call through, or throws at once. */
  void admit(CallSite site) {
    if (circuit != null && !circuit.tryAcquirePermission()) {
      throw new IngestionUnavailableException(
          site.describe(
              "not tried, because at least half of the last calls failed; try again after " + open),
          Reason.CIRCUIT_OPEN,
          open,
          null);
    }
  }

  void answered() {
    if (circuit != null) {
      circuit.onSuccess(0, TimeUnit.NANOSECONDS);
    }
  }

  void failed(IngestionUnavailableException failure) {
    if (circuit != null) {
      circuit.onError(0, TimeUnit.NANOSECONDS, failure);
    }
  }

  /** The call ended for a reason that says nothing about the service. */
  void abandoned() {
    if (circuit != null) {
      circuit.releasePermission();
    }
  }

  /** The breaker asks for instants; only their differences matter to it. */
  private static final class MonotonicClock extends Clock {
    private final Ticker ticker;

    MonotonicClock(Ticker ticker) {
      this.ticker = ticker;
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH.plusNanos(ticker.nanos());
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
