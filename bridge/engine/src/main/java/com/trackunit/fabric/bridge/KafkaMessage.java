// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ message as Kafka gets it, and what a dead letter tells of where it came from. Nobody
 * changes the bytes.
 */
final class KafkaMessage {
  private final byte @Nullable [] key;
  private final byte @Nullable [] value;
  private final Headers headers;
  private final String exchange;
  private final String routingKey;

  KafkaMessage(
      byte @Nullable [] key,
      byte @Nullable [] value,
      Headers headers,
      String exchange,
      String routingKey) {
    this.key = key;
    this.value = value;
    this.headers = headers;
    this.exchange = exchange;
    this.routingKey = routingKey;
  }

  byte @Nullable [] key() {
    return key;
  }

  byte @Nullable [] value() {
    return value;
  }

  Headers headers() {
    return headers;
  }

  String exchange() {
    return exchange;
  }

  String routingKey() {
    return routingKey;
  }
}
