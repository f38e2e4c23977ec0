// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls by step and outcome, retries by step and reason, bytes sent. Its tags are from closed sets:
 * no address, id or name is among them. Thread-safe.
 */
final class IngestionMetrics {
  private record CallTags(String step, String outcome) {}

  private final @Nullable MeterRegistry registry;
  private final Map<CallTags, Timer> calls = new ConcurrentHashMap<>();

  IngestionMetrics(@Nullable MeterRegistry registry) {
    this.registry = registry;
  }

  void ended(String step, @Nullable Throwable failure, long nanos) {
    MeterRegistry target = registry;
    if (target != null) {
      calls
          .computeIfAbsent(
              new CallTags(step, outcome(failure)),
              tags ->
                  Timer.builder("fabric.ingestion.calls")
                      .description("Calls with all their attempts and waits")
                      .tag("step", tags.step())
                      .tag("outcome", tags.outcome())
                      .register(target))
          .record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  void retried(String step, IngestionException failure) {
    if (registry != null && failure instanceof IngestionUnavailableException unavailable) {
      Counter.builder("fabric.ingestion.retries")
          .description("Attempts after the first")
          .tag("step", step)
          .tag("reason", unavailable.reason().name().toLowerCase(Locale.ROOT))
          .register(registry)
          .increment();
    }
  }

  void sent(long bytes) {
    if (registry != null) {
      Counter.builder("fabric.ingestion.upload.bytes")
          .description("Bytes of photos handed to connections, of failed attempts too")
          .baseUnit("bytes")
          .register(registry)
          .increment((double) bytes);
    }
  }

  private static String outcome(@Nullable Throwable failure) {
    if (failure == null) {
      return "ok";
    }
    // Anything else comes from a caller's listener, or from a client that was closed.
    return failure instanceof IngestionException ours ? ours.outcome() : "aborted";
  }
}
