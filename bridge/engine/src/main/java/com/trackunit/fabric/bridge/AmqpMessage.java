// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Kafka record as RabbitMQ gets it; the exchange is the route's. Nobody changes the body. */
final class AmqpMessage {
  private final String routingKey;
  private final AMQP.BasicProperties properties;
  private final byte[] body;
  private final @Nullable String refusedBecause;

  AmqpMessage(String routingKey, AMQP.BasicProperties properties, byte[] body) {
    this(routingKey, properties, body, null);
  }

  private AmqpMessage(
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body,
      @Nullable String refusedBecause) {
    this.routingKey = routingKey;
    this.properties = properties;
    this.body = body;
    this.refusedBecause = refusedBecause;
  }

  /** Stands for a record that cannot be mapped. */
  static AmqpMessage refused(String reason) {
    return new AmqpMessage(
        "", new AMQP.BasicProperties.Builder().headers(Map.of()).build(), new byte[0], reason);
  }

  /** Why it cannot be published; null if it can. */
  @Nullable String refusedBecause() {
    return refusedBecause;
  }

  String routingKey() {
    return routingKey;
  }

  AMQP.BasicProperties properties() {
    return properties;
  }

  byte[] body() {
    return body;
  }
}
