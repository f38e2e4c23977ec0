// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.samples.contracts.Wire;
import java.util.Optional;

/**
 * What travels beside the body of a delivery, as far as reactions need it.
 *
 * @param messageId by which a repeated message is recognised
 * @param correlationId of the whole journey
 * @param traceParent where in the trace it belongs
 * @param key the Kafka key of a bridged record: its header, else the routing key
 */
record Envelope(
    Optional<String> messageId,
    Optional<CorrelationId> correlationId,
    Optional<TraceParent> traceParent,
    Optional<String> key) {

  static Envelope of(Delivery delivery) {
    Optional<String> key =
        delivery
            .header(Wire.Headers.KAFKA_KEY)
            .or(() -> Optional.of(delivery.routingKey()))
            .filter(text -> !text.isBlank());
    return new Envelope(
        delivery.messageId(), delivery.correlationId(), delivery.traceParent(), key);
  }
}
