// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.CorrelationId;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Observations of publishing and processing, for whoever traces. Names are those of OpenTelemetry's
 * semantic conventions for messaging and for RabbitMQ. Tracing puts its headers into what is sent
 * and reads them from what is received; where nobody observes, nothing is made.
 */
final class Observations {
  private static final String OUTCOME = "outcome";
  private static final String ROUTING_KEY = "messaging.rabbitmq.destination.routing_key";
  private static final String BODY_SIZE = "messaging.message.body.size";
  private static final String MESSAGE_ID = "messaging.message.id";

  private final ObservationRegistry registry;

  Observations(ObservationRegistry registry) {
    this.registry = registry;
  }

  /**
   * A message on its way out.
   *
   * @param headers to be sent
   * @param observation has been started; null if nobody observes
   */
  record Outbound(Map<String, Object> headers, @Nullable Observation observation) {
    /** It was never accepted. */
    void refused(RuntimeException reason) {
      if (observation != null) {
        observation.error(reason).stop();
      }
    }

    /** Ends the observation with the message's outcome. */
    void follow(OutgoingMessage message) {
      if (observation != null) {
        var unused = message.outcome().whenComplete((o, failure) -> end(observation, o, failure));
      }
    }

    private static void end(
        Observation observation, @Nullable PublishOutcome outcome, @Nullable Throwable failure) {
      if (failure != null) {
        observation.error(failure);
      }
      String name = outcome == null ? "unsent" : outcome.getClass().getSimpleName();
      observation.lowCardinalityKeyValue(OUTCOME, name.toLowerCase(java.util.Locale.ROOT)).stop();
    }
  }

  /** The headers of a message, with what the current thread and its trace add to them. */
  Outbound publishing(String exchange, Message message) {
    Map<String, Object> headers = Propagation.headers(message);
    if (registry.isNoop()) {
      return new Outbound(headers, null);
    }
    Map<String, Object> carrier = new LinkedHashMap<>(message.headers());
    // What the message says itself stays; what this thread knows gives way to the trace.
    SenderContext<Map<String, Object>> context =
        new SenderContext<>((to, name, value) -> putIfAbsent(to, name, value), Kind.PRODUCER);
    context.setCarrier(carrier);
    Observation observation =
        observed("publish", "send", exchange, context)
            .highCardinalityKeyValue(ROUTING_KEY, message.routingKey())
            .highCardinalityKeyValue(BODY_SIZE, String.valueOf(message.body().length))
            .start();
    message.messageId().ifPresent(id -> observation.highCardinalityKeyValue(MESSAGE_ID, id));
    headers.forEach(carrier::putIfAbsent);
    conversation(observation, carrier.get(CorrelationId.HEADER));
    return new Outbound(carrier, observation);
  }

  private static void putIfAbsent(
      @Nullable Map<String, Object> carrier, String name, String value) {
    if (carrier != null) {
      carrier.putIfAbsent(name, value);
    }
  }

  /** An attempt at a delivery; not started, and a no-op where nobody observes. */
  Observation processing(String queue, Delivery delivery) {
    if (registry.isNoop()) {
      return Observation.NOOP;
    }
    ReceiverContext<Delivery> context =
        new ReceiverContext<>((from, name) -> from.header(name).orElse(null), Kind.CONSUMER);
    context.setCarrier(delivery);
    Observation observation =
        observed("process", "process", queue, context)
            .highCardinalityKeyValue(ROUTING_KEY, delivery.routingKey())
            .highCardinalityKeyValue(BODY_SIZE, String.valueOf(delivery.body().length))
            .highCardinalityKeyValue(
                "messaging.rabbitmq.message.delivery_tag", String.valueOf(delivery.held().tag()));
    delivery.messageId().ifPresent(id -> observation.highCardinalityKeyValue(MESSAGE_ID, id));
    conversation(observation, delivery.header(CorrelationId.HEADER).orElse(null));
    return observation;
  }

  private static void conversation(Observation observation, @Nullable Object correlation) {
    if (correlation != null) {
      observation.highCardinalityKeyValue(
          "messaging.message.conversation_id", correlation.toString());
    }
  }

  private Observation observed(
      String operation, String type, String destination, Observation.Context context) {
    return Observation.createNotStarted("messaging." + operation, () -> context, registry)
        .contextualName(operation + " " + destination)
        .lowCardinalityKeyValues(
            KeyValues.of(
                "messaging.system", "rabbitmq",
                "messaging.operation.name", operation,
                "messaging.operation.type", type,
                "messaging.destination.name", destination));
  }
}
