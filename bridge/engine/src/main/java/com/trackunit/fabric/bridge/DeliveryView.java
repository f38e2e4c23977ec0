// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A RabbitMQ message as filters and key functions see it. */
final class DeliveryView implements MessageView {
  private final String exchange;
  private final String routingKey;
  private final AMQP.BasicProperties properties;
  private final byte[] body;

  DeliveryView(String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.properties = properties;
    this.body = body;
  }

  String exchange() {
    return exchange;
  }

  String routingKey() {
    return routingKey;
  }

  AMQP.BasicProperties properties() {
    return properties;
  }

  Map<String, @Nullable Object> headers() {
    Map<String, @Nullable Object> headers = properties.getHeaders();
    return headers == null ? Map.of() : headers;
  }

  boolean isTombstone() {
    return Boolean.TRUE.equals(headers().get(RecordMapping.TOMBSTONE));
  }

  @Override
  public Optional<String> key() {
    return Optional.of(routingKey);
  }

  @Override
  public Optional<String> header(String name) {
    Object value = headers().get(name);
    if (value instanceof LongString text) {
      return Optional.ofNullable(Utf8.text(text.getBytes()));
    }
    return value == null || value instanceof byte[]
        ? Optional.empty()
        : Optional.of(value.toString());
  }

  @Override
  public byte @Nullable [] body() {
    return isTombstone() ? null : body;
  }
}
