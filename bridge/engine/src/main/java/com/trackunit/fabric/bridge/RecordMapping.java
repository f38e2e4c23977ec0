// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  private static final String FROM_RABBITMQ = "rabbitmq:";

  /** Sender-selected routing would copy the message; the others are written by the mappings. */
  private static final Set<String> RESERVED =
      Set.of("CC", "BCC", KEY, TOMBSTONE, HOPS, ORIGIN, DeliveryMapping.TYPES);

  private final Route route;
  private final Supplier<String> cluster;

  /**
   * @param route says what the routing key is, and what is not wanted
   * @param cluster the id of the Kafka cluster, for the origin
   */
  RecordMapping(Route route, Supplier<String> cluster) {
    this.route = route;
    this.cluster = cluster;
  }

  static boolean isReserved(String header) {
    return RESERVED.contains(header);
  }

  /** Whether the filter wants it, and it has not come round a loop. */
  boolean wants(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
    String origin = Utf8.text(lastValue(record, ORIGIN));
    boolean beganHere =
        origin != null && origin.startsWith("kafka:" + cluster.get() + "/" + record.topic() + "/");
    return !beganHere
        && hops(Utf8.text(lastValue(record, HOPS))) < route.maxHops()
        && route.filter().test(new RecordView(record));
  }

  AmqpMessage map(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
    byte[] value = record.value();
    Map<String, String> types =
        TypeNames.read(Objects.requireNonNullElse(text(record, DeliveryMapping.TYPES), "{}"));
    AMQP.BasicProperties properties =
        properties(record)
            .deliveryMode(PERSISTENT)
            .messageId(messageId(record))
            .contentType(shortString(lastValue(record, CONTENT_TYPE)))
            .headers(headers(record, types))
            .build();
    return new AmqpMessage(routingKey(record), properties, value == null ? EMPTY : value);
  }

  private String routingKey(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
    if (route.keyFunction() != null) {
      return Objects.requireNonNullElse(route.keyFunction().apply(new RecordView(record)), "");
    }
    String own = text(record, DeliveryMapping.ROUTING_KEY);
    String key = own == null ? shortString(record.key()) : own;
    return key == null ? "" : key;
  }

  /** What once were AMQP properties; a value that is none any more is left out. */
  private static AMQP.BasicProperties.Builder properties(ConsumerRecord<?, ?> record) {
    AMQP.BasicProperties.Builder properties = new AMQP.BasicProperties.Builder();
    properties.contentEncoding(shortString(lastValue(record, DeliveryMapping.CONTENT_ENCODING)));
    properties.correlationId(shortString(lastValue(record, DeliveryMapping.CORRELATION_ID)));
    properties.replyTo(shortString(lastValue(record, DeliveryMapping.REPLY_TO)));
    properties.type(shortString(lastValue(record, DeliveryMapping.TYPE)));
    properties.appId(shortString(lastValue(record, DeliveryMapping.APP_ID)));
    String priority = text(record, DeliveryMapping.PRIORITY);
    if (priority != null && priority.matches("[0-9]{1,3}") && Integer.parseInt(priority) < 256) {
      properties.priority(Integer.valueOf(priority));
    }
    String timestamp = text(record, DeliveryMapping.TIMESTAMP);
    if (timestamp != null && timestamp.matches("-?[0-9]{1,15}")) {
      properties.timestamp(Date.from(Instant.ofEpochSecond(Long.parseLong(timestamp))));
    }
    return properties;
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
      ConsumerRecord<byte @Nullable [], byte @Nullable []> record, Map<String, String> types) {
    String origin = text(record, ORIGIN);
    boolean isBack = origin != null && origin.startsWith(FROM_RABBITMQ);
    Map<String, List<@Nullable Object>> values = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      if (isForwarded(header.key(), isBack)) {
        values
            .computeIfAbsent(
                route.translatesCloudEvents() ? CloudEvents.toAmqp(header.key()) : header.key(),
                name -> new ArrayList<>(1))
            .add(value(header, types.get(header.key())));
      }
    }
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    values.forEach((name, all) -> headers.put(name, all.size() == 1 ? all.get(0) : all));
    byte[] key = record.key();
    // A key that was a routing key before is one again, and nothing else.
    if (key != null && !(isBack && routingKey(record).equals(Utf8.text(key)))) {
      String keyText = Utf8.text(key);
      headers.put(KEY, keyText == null ? key : keyText);
    }
    if (record.value() == null) {
      headers.put(TOMBSTONE, true);
    }
    headers.put(ORIGIN, origin == null ? origin(record) : origin);
    headers.put(HOPS, hops(text(record, HOPS)) + 1);
    return headers;
  }

  private String origin(ConsumerRecord<?, ?> record) {
    return "kafka:"
        + cluster.get()
        + "/"
        + record.topic()
        + "/"
        + record.partition()
        + "/"
        + record.offset();
  }

  /** What came from RabbitMQ had its content type and its id as properties only. */
  private static boolean isForwarded(String header, boolean isBack) {
    return !isReserved(header)
        && !header.startsWith("x-amqp-")
        && !(isBack && (header.equals(CONTENT_TYPE) || header.equals(MESSAGE_ID)));
  }

  private static @Nullable Object value(Header header, @Nullable String type) {
    byte[] bytes = header.value();
    if (bytes != null && type != null) {
      try {
        return HeaderTypes.toAmqp(bytes, type);
      } catch (IllegalArgumentException | DateTimeException e) {
        return textOrBytes(header); // somebody changed the header and left the side-car
      }
    }
    return textOrBytes(header);
  }

  private static @Nullable Object textOrBytes(Header header) {
    byte[] value = header.value();
    String text = Utf8.text(value);
    return text == null ? value : text;
  }

  static int hops(@Nullable String text) {
    // Nine digits always fit; anything else did not come from a bridge.
    return text != null && text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static @Nullable String text(ConsumerRecord<?, ?> record, String header) {
    return Utf8.text(lastValue(record, header));
  }

  private static String messageId(ConsumerRecord<?, ?> record) {
    byte[] own = lastValue(record, MESSAGE_ID);
    String text = Utf8.text(own);
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
    return value == null || value.length > MAX_SHORT_STRING ? null : Utf8.text(value);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
