// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The meters of publishers and consumers. The common tags are those of OpenTelemetry's semantic
 * conventions for messaging ({@code messaging.system}, {@code messaging.destination.name}); the
 * names are the field's own words. A registry that nobody gave costs a few empty calls.
 */
final class Telemetry {
  private static final String SYSTEM = "messaging.system";
  private static final String DESTINATION = "messaging.destination.name";

  private final MeterRegistry registry;

  /** Of the live publishers of each exchange: one gauge shows their sum. */
  private final Map<String, Set<IntSupplier>> inFlight = new ConcurrentHashMap<>();

  Telemetry(MeterRegistry registry) {
    this.registry = registry;
  }

  private static Tags tags(String destination) {
    return Tags.of(SYSTEM, "rabbitmq", DESTINATION, destination);
  }

  /** What a publisher counts. */
  static final class Published {
    private final Runnable withdraw;
    private final Timer duration;
    private final Counter published;
    private final Counter confirmed;
    private final Counter returned;
    private final Counter rejected;
    private final Counter unknown;
    private final Counter unsent;

    private Published(MeterRegistry registry, Tags tags, Runnable withdraw) {
      this.withdraw = withdraw;
      duration =
          registry.timer(
              "messaging.client.operation.duration",
              tags.and("messaging.operation.name", "publish", "messaging.operation.type", "send"));
      published = registry.counter("fabric.messaging.published", tags);
      confirmed =
          registry.counter("fabric.messaging.publish.outcomes", tags.and(outcome("confirmed")));
      returned =
          registry.counter("fabric.messaging.publish.outcomes", tags.and(outcome("returned")));
      rejected =
          registry.counter("fabric.messaging.publish.outcomes", tags.and(outcome("rejected")));
      unknown = registry.counter("fabric.messaging.publish.outcomes", tags.and(outcome("unknown")));
      unsent = registry.counter("fabric.messaging.publish.outcomes", tags.and(outcome("unsent")));
    }

    void accepted() {
      published.increment();
    }

    void settled(Outgoing.Settled end, long nowNanos) {
      duration.record(nowNanos - end.message().startNanos(), TimeUnit.NANOSECONDS);
      PublishOutcome outcome = end.outcome();
      if (outcome == null) {
        unsent.increment();
      } else if (outcome instanceof PublishOutcome.Confirmed) {
        confirmed.increment();
      } else if (outcome instanceof PublishOutcome.Returned) {
        returned.increment();
      } else if (outcome instanceof PublishOutcome.Rejected) {
        rejected.increment();
      } else {
        unknown.increment();
      }
    }

    /** The publisher has nothing in flight any more, for good. */
    void closed() {
      withdraw.run();
    }
  }

  /** What a consumer counts. */
  static final class Consumed {
    private final Counter acked;
    private final Counter retried;
    private final Counter released;
    private final Counter deadLettered;
    private final Timer lag;
    private final Timer handling;

    private Consumed(MeterRegistry registry, Tags tags) {
      acked = registry.counter("fabric.messaging.consumed", tags.and(outcome("acked")));
      retried = registry.counter("fabric.messaging.consumed", tags.and(outcome("retried")));
      released = registry.counter("fabric.messaging.consumed", tags.and(outcome("released")));
      deadLettered =
          registry.counter("fabric.messaging.consumed", tags.and(outcome("dead_lettered")));
      lag = registry.timer("fabric.messaging.lag", tags);
      handling = registry.timer("messaging.process.duration", tags);
    }

    void acked() {
      acked.increment();
    }

    void retried() {
      retried.increment();
    }

    void released() {
      released.increment();
    }

    void deadLettered() {
      deadLettered.increment();
    }

    Timer lag() {
      return lag;
    }

    Timer handling() {
      return handling;
    }
  }

  private static io.micrometer.core.instrument.Tag outcome(String value) {
    return io.micrometer.core.instrument.Tag.of("outcome", value);
  }

  Published publisher(String exchange, IntSupplier count) {
    Set<IntSupplier> counts =
        inFlight.computeIfAbsent(
            exchange,
            name -> {
              Set<IntSupplier> all = ConcurrentHashMap.newKeySet();
              Gauge.builder("fabric.messaging.in.flight", all, Telemetry::sum)
                  .tags(tags(name))
                  .strongReference(true)
                  .register(registry);
              return all;
            });
    counts.add(count);
    return new Published(registry, tags(exchange), () -> counts.remove(count));
  }

  private static double sum(Set<IntSupplier> counts) {
    return counts.stream().mapToInt(IntSupplier::getAsInt).sum();
  }

  Consumed consumer(String queue) {
    return new Consumed(registry, tags(queue));
  }

  /** Counts a connection that was lost and made again. */
  void reconnected(String connection) {
    registry
        .counter("fabric.messaging.reconnects", SYSTEM, "rabbitmq", "connection", connection)
        .increment();
  }
}
