// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;

/** A Kafka record as RabbitMQ gets it; the exchange is the route's. Nobody changes the body. */
final class AmqpMessage {
  private final String routingKey;
  private final AMQP.BasicProperties properties;
  private final byte[] body;

  AmqpMessage(String routingKey, AMQP.BasicProperties properties, byte[] body) {
    this.routingKey = routingKey;
    this.properties = properties;
    this.body = body;
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
