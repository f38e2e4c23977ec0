// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * From an AMQP message to a Kafka record, the way back of {@link RecordMapping}: the body as it is,
 * the headers with a side-car that names the types which Kafka cannot hold, the properties as
 * headers.
 *
 * <ul>
 *   <li>The key is {@code x-kafka-key} if there is one, else the routing key unless that is empty.
 *       A routing key that the record's key does not tell is kept in {@code x-amqp-routing-key}.
 *   <li>An array of two or more texts (or bytes that are none, or nulls) becomes several headers of
 *       one name.
 *   <li>{@code CC}, {@code BCC}, {@code user-id}, {@code expiration} and a direct {@code reply-to}
 *       are not forwarded.
 * </ul>
 */
final class DeliveryMapping {
  static final String TYPES = "x-fabric-types";
  static final String ROUTING_KEY = "x-amqp-routing-key";
  static final String CONTENT_ENCODING = "x-amqp-content-encoding";
  static final String PRIORITY = "x-amqp-priority";
  static final String CORRELATION_ID = "x-amqp-correlation-id";
  static final String REPLY_TO = "x-amqp-reply-to";
  static final String TIMESTAMP = "x-amqp-timestamp";
  static final String TYPE = "x-amqp-type";
  static final String APP_ID = "x-amqp-app-id";

  private static final String DIRECT_REPLY = "amq.rabbitmq.reply-to";

  private final Route route;
  private final String origin;

  DeliveryMapping(Route route, String virtualHost) {
    this.route = route;
    this.origin = "rabbitmq:" + virtualHost + "/" + route.source();
  }

  /** Never throws: what cannot be mapped says why. */
  Inbound<KafkaMessage> map(DeliveryView delivery, byte[] body) {
    String id = delivery.properties().getMessageId();
    Fingerprint fingerprint =
        id == null || !route.isEffectivelyOnce() ? null : Fingerprint.of(route.source(), id, body);
    Headers headers = new RecordHeaders();
    byte[] key = null;
    String refused = null;
    boolean unwanted = false;
    try {
      unwanted = hasGoneRound(delivery) || !route.filter().test(delivery);
      key = key(delivery);
      writeHeaders(delivery, key, headers);
    } catch (RuntimeException e) {
      refused = "it cannot be mapped: " + e;
    }
    KafkaMessage message =
        new KafkaMessage(
            key,
            delivery.isTombstone() ? null : body,
            headers,
            delivery.exchange(),
            delivery.routingKey());
    long size = body.length + (key == null ? 0L : key.length);
    for (Header header : headers) {
      size += header.key().length() + (header.value() == null ? 0L : header.value().length);
    }
    return new Inbound<>(id, fingerprint, size, unwanted, refused, message);
  }

  /** It began in this very queue, or has been over so many bridges that it must be in a loop. */
  private boolean hasGoneRound(DeliveryView delivery) {
    return delivery.header(RecordMapping.ORIGIN).filter(origin::equals).isPresent()
        || hops(delivery) >= route.maxHops();
  }

  private static int hops(DeliveryView delivery) {
    return RecordMapping.hops(delivery.header(RecordMapping.HOPS).orElse(null));
  }

  private byte @Nullable [] key(DeliveryView delivery) {
    if (route.keyFunction() != null) {
      String key = route.keyFunction().apply(delivery);
      return key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    }
    Object own = delivery.headers().get(RecordMapping.KEY);
    if (own != null) {
      return HeaderTypes.toKafka(own).bytes();
    }
    String routingKey = delivery.routingKey();
    return routingKey.isEmpty() ? null : routingKey.getBytes(StandardCharsets.UTF_8);
  }

  private void writeHeaders(DeliveryView delivery, byte @Nullable [] key, Headers headers) {
    Map<String, String> types = new LinkedHashMap<>();
    delivery
        .headers()
        .forEach(
            (name, value) -> {
              if (!RecordMapping.isReserved(name) && !name.startsWith("x-amqp-")) {
                writeTranslated(headers, types, name, value);
              }
            });
    AMQP.BasicProperties from = delivery.properties();
    text(headers, RecordMapping.CONTENT_TYPE, from.getContentType());
    text(headers, RecordMapping.MESSAGE_ID, from.getMessageId());
    text(headers, CONTENT_ENCODING, from.getContentEncoding());
    text(headers, PRIORITY, from.getPriority());
    text(headers, CORRELATION_ID, from.getCorrelationId());
    String replyTo = from.getReplyTo();
    text(headers, REPLY_TO, replyTo == null || replyTo.startsWith(DIRECT_REPLY) ? null : replyTo);
    text(
        headers,
        TIMESTAMP,
        from.getTimestamp() == null ? null : from.getTimestamp().toInstant().getEpochSecond());
    text(headers, TYPE, from.getType());
    text(headers, APP_ID, from.getAppId());
    if (!delivery.routingKey().equals(key == null ? "" : Utf8.text(key))) {
      text(headers, ROUTING_KEY, delivery.routingKey());
    }
    text(headers, RecordMapping.ORIGIN, delivery.header(RecordMapping.ORIGIN).orElse(origin));
    text(headers, RecordMapping.HOPS, hops(delivery) + 1);
    if (!types.isEmpty()) {
      text(headers, TYPES, TypeNames.write(types));
    }
  }

  private void writeTranslated(
      Headers headers, Map<String, String> types, String name, @Nullable Object value) {
    String kafkaName = route.translatesCloudEvents() ? CloudEvents.toKafka(name) : name;
    boolean isAttribute = !kafkaName.equals(name);
    write(headers, types, kafkaName, isAttribute ? CloudEvents.toKafkaValue(value) : value);
  }

  private static void write(
      Headers headers, Map<String, String> types, String name, @Nullable Object value) {
    if (value instanceof List<?> list
        && list.size() > 1
        && list.stream().allMatch(DeliveryMapping::needsNoType)) {
      list.forEach(each -> headers.add(name, HeaderTypes.toKafka(each).bytes()));
      return;
    }
    HeaderTypes.Typed typed = HeaderTypes.toKafka(value);
    headers.add(name, typed.bytes());
    if (typed.type() != null) {
      types.put(name, typed.type());
    }
  }

  private static boolean needsNoType(@Nullable Object value) {
    return value == null
        || ((value instanceof LongString || value instanceof byte[])
            && HeaderTypes.toKafka(value).type() == null);
  }

  /** A property goes before a header of the same name. */
  private static void text(Headers headers, String name, @Nullable Object value) {
    if (value != null) {
      headers.remove(name);
      headers.add(name, value.toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}
