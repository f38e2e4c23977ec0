// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * From a Kafka record to an AMQP message: the body as it is, the key and the headers such that the
 * way back can restore them. It accepts every record; what AMQP cannot encode is found when it is
 * published.
 *
 * <ul>
 *   <li>A header's value is text where it is UTF-8, else bytes; a null value stays null; several
 *       headers of one name become one array, in their order.
 *   <li>The key goes into {@code x-kafka-key} (text or bytes; absent for a null key), and is the
 *       routing key too where it is UTF-8 of at most 255 bytes.
 *   <li>A null value (tombstone) is an empty body with {@code x-fabric-tombstone} true; an empty
 *       value has no such header.
 *   <li>{@code CC} and {@code BCC} are dropped: RabbitMQ would route by them.
 * </ul>
 */
final class RecordMapping {
  static final String KEY = "x-kafka-key";
  static final String MESSAGE_ID = "x-message-id";
  static final String CONTENT_TYPE = "content-type";
  static final String ORIGIN = "x-fabric-origin";
  static final String HOPS = "x-fabric-hops";
  static final String TOMBSTONE = "x-fabric-tombstone";

  private static final int MAX_SHORT_STRING = 255;
  private static final int PERSISTENT = 2;
  private static final byte[] EMPTY = {};

  /** Sender-selected routing would copy the message; the others are written by this mapping. */
  private static final Set<String> NOT_FORWARDED = Set.of("CC", "BCC", KEY, TOMBSTONE, HOPS);

  private final Supplier<String> cluster;

  /**
   * @param cluster the id of the Kafka cluster, for the origin
   */
  RecordMapping(Supplier<String> cluster) {
    this.cluster = cluster;
  }

  AmqpMessage map(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
    byte[] key = record.key();
    byte[] value = record.value();
    String keyText = text(key);
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(PERSISTENT)
            .messageId(messageId(record))
            .contentType(shortString(lastValue(record, CONTENT_TYPE)))
            .headers(headers(record, key, keyText))
            .build();
    String routingKey = shortString(key);
    return new AmqpMessage(
        routingKey == null ? "" : routingKey, properties, value == null ? EMPTY : value);
  }

  /** What a record counts for in the window, in bytes; near enough to bound the memory. */
  static long size(ConsumerRecord<?, ?> record) {
    long size =
        Math.max(0L, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    for (Header header : record.headers()) {
      byte[] value = header.value();
      size += header.key().length() + (value == null ? 0L : value.length);
    }
    return size;
  }

  private Map<String, @Nullable Object> headers(
      ConsumerRecord<?, ?> record, byte @Nullable [] key, @Nullable String keyText) {
    Map<String, List<@Nullable Object>> values = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      if (!NOT_FORWARDED.contains(header.key())) {
        values.computeIfAbsent(header.key(), name -> new ArrayList<>(1)).add(textOrBytes(header));
      }
    }
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    values.forEach((name, all) -> headers.put(name, all.size() == 1 ? all.get(0) : all));
    if (key != null) {
      headers.put(KEY, keyText == null ? key : keyText);
    }
    if (record.value() == null) {
      headers.put(TOMBSTONE, true);
    }
    headers.putIfAbsent(
        ORIGIN,
        "kafka:"
            + cluster.get()
            + "/"
            + record.topic()
            + "/"
            + record.partition()
            + "/"
            + record.offset());
    headers.put(HOPS, hops(record) + 1);
    return headers;
  }

  private static @Nullable Object textOrBytes(Header header) {
    byte[] value = header.value();
    String text = text(value);
    return text == null ? value : text;
  }

  private static int hops(ConsumerRecord<?, ?> record) {
    String text = text(lastValue(record, HOPS));
    // Nine digits always fit; anything else did not come from a bridge.
    return text != null && text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static String messageId(ConsumerRecord<?, ?> record) {
    byte[] own = lastValue(record, MESSAGE_ID);
    String text = text(own);
    String id =
        text == null || text.isEmpty()
            ? record.topic()
                + "-"
                + record.partition()
                + "-"
                + record.offset()
                + "-"
                + record.timestamp()
            : text;
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_SHORT_STRING ? id : HexFormat.of().formatHex(sha256(bytes));
  }

  private static byte @Nullable [] lastValue(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : header.value();
  }

  private static @Nullable String shortString(byte @Nullable [] value) {
    return value == null || value.length > MAX_SHORT_STRING ? null : text(value);
  }

  private static @Nullable String text(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
