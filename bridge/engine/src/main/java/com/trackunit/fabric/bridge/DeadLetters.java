// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** What a message looks like at the dead-letter target: as it was, and why it is there. */
final class DeadLetters {
  private static final String PREFIX = "x-fabric-dead-";
  private static final String REASON = PREFIX + "reason";
  private static final String CAUSE = PREFIX + "cause";
  private static final String FIRST_FAILED_AT = PREFIX + "first-failed-at";
  private static final String LAST_FAILED_AT = PREFIX + "last-failed-at";
  private static final String ORIGINAL_EXCHANGE = PREFIX + "original-exchange";
  private static final String ORIGINAL_ROUTING_KEY = PREFIX + "original-routing-key";
  private static final String ORIGINAL_QUEUE = PREFIX + "original-queue";

  /** Of what its sender wrote; the rest of a frame is for what we write. */
  private static final int MAX_HEADER_BYTES = 64 * 1024;

  private DeadLetters() {}

  static AmqpMessage toQueue(String queue, AmqpMessage message, RouteException why) {
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    Map<String, @Nullable Object> own = message.properties().getHeaders();
    if (own != null) {
      // What makes a message undeliverable may be its headers: those that are too long stay behind.
      own.forEach(
          (name, value) -> {
            if (name.getBytes(StandardCharsets.UTF_8).length < 256
                && length(value) < MAX_HEADER_BYTES) {
              headers.put(name, value);
            }
          });
    }
    headers.put(REASON, why.kind().name());
    headers.put(CAUSE, String.valueOf(why.getMessage()));
    headers.put(FIRST_FAILED_AT, why.at().toString());
    headers.put(LAST_FAILED_AT, Instant.now().toString());
    headers.put(ORIGINAL_ROUTING_KEY, message.routingKey());
    AMQP.BasicProperties properties =
        message.properties().builder().headers(headers).deliveryMode(2).build();
    return new AmqpMessage(queue, properties, message.body());
  }

  private static int length(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      return bytes.length;
    }
    return value == null ? 0 : value.toString().length();
  }

  static Headers toTopic(String queue, KafkaMessage message, RouteException why) {
    Headers headers = new RecordHeaders(message.headers().toArray());
    add(headers, REASON, why.kind().name());
    add(headers, CAUSE, String.valueOf(why.getMessage()));
    add(headers, FIRST_FAILED_AT, why.at().toString());
    add(headers, LAST_FAILED_AT, Instant.now().toString());
    add(headers, ORIGINAL_EXCHANGE, message.exchange());
    add(headers, ORIGINAL_ROUTING_KEY, message.routingKey());
    add(headers, ORIGINAL_QUEUE, queue);
    return headers;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
