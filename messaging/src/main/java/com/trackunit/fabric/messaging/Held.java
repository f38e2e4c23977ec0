// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message that a consumer holds, over all attempts at it within a channel epoch. Its first part
 * is immutable; the rest is guarded by its {@link DeliveryLine}.
 */
final class Held {
  /** Where it is. */
  enum Stage {
    /** Not with a handler, or to be handed to it again. */
    QUEUED,
    /** With the handler. */
    HANDED,
    /** Between two attempts, or about to be given back. */
    WAITING,
    /** The handler is done with it, and the broker is being told. */
    SETTLING,
    /** Over. */
    SETTLED
  }

  private final long epoch;
  private final Envelope envelope;
  private final AMQP.BasicProperties properties;
  private final byte[] body;

  Stage stage = Stage.QUEUED;
  @Nullable Object lane;
  @Nullable Delivery current;
  long handedAt;
  int failures;
  @Nullable Instant firstFailedAt;

  Held(long epoch, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    this.epoch = epoch;
    this.envelope = envelope;
    this.properties = properties;
    this.body = body;
  }

  long epoch() {
    return epoch;
  }

  long tag() {
    return envelope.getDeliveryTag();
  }

  Envelope envelope() {
    return envelope;
  }

  AMQP.BasicProperties properties() {
    return properties;
  }

  byte[] body() {
    return body;
  }

  @Nullable Object header(String name) {
    return properties.getHeaders() == null ? null : properties.getHeaders().get(name);
  }
}
