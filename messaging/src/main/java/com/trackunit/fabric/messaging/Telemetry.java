// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
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

  Telemetry(MeterRegistry registry) {
    this.registry = registry;
  }

  private static Tags tags(String destination) {
    return Tags.of(SYSTEM, "rabbitmq", DESTINATION, destination);
  }

  /** What a publisher counts. */
  static final class Published {
    private final Counter published;
    private final Counter confirmed;
    private final Counter returned;
    private final Counter rejected;
    private final Counter unknown;
    private final Counter unsent;

    private Published(MeterRegistry registry, Tags tags) {
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

    void settled(Outgoing.Settled end) {
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

  Published publisher(String exchange, IntSupplier inFlight) {
    Gauge.builder("fabric.messaging.in.flight", inFlight, IntSupplier::getAsInt)
        .tags(tags(exchange))
        .strongReference(true)
        .register(registry);
    return new Published(registry, tags(exchange));
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
