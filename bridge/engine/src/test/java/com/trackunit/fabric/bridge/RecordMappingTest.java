// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordMappingTest {
  private static final byte[] NOT_UTF8 = {(byte) 0xC3, (byte) 0x28, 0, (byte) 0xFF};

  private final RecordMapping mapping =
      new RecordMapping(Route.fromTopic("t").toExchange("x"), () -> "cluster-1");

  @Test
  void bodyPassesUntouchedAndPersistent() {
    byte[] body = new byte[4_096];
    new Random(7).nextBytes(body);

    AmqpMessage message = mapping.map(record("key".getBytes(UTF_8), body, headers()));

    assertThat(message.body()).isSameAs(body);
    assertThat(message.properties().getDeliveryMode()).isEqualTo(2);
  }

  @Test
  void textKeyIsHeaderAndRoutingKey() {
    AmqpMessage message = map("images/2026/ä.jpg".getBytes(UTF_8), headers());

    assertThat(message.routingKey()).isEqualTo("images/2026/ä.jpg");
    assertThat(sent(message)).containsEntry("x-kafka-key", "images/2026/ä.jpg");
  }

  @Test
  void longKeyStaysWholeInTheHeaderOnly() {
    String key = "ä".repeat(128); // 256 bytes

    AmqpMessage message = map(key.getBytes(UTF_8), headers());

    assertThat(message.routingKey()).isEmpty();
    assertThat(sent(message)).containsEntry("x-kafka-key", key);
    assertThat(map("a".repeat(255).getBytes(UTF_8), headers()).routingKey()).hasSize(255);
  }

  @Test
  void binaryKeyIsBytesAndNoRoutingKey() {
    AmqpMessage message = map(NOT_UTF8, headers());

    assertThat(message.routingKey()).isEmpty();
    assertThat(sent(message)).containsEntry("x-kafka-key", NOT_UTF8);
  }

  @Test
  void nullKeyAndEmptyKeyDiffer() {
    assertThat(sent(map(null, headers()))).doesNotContainKey("x-kafka-key");
    assertThat(sent(map(new byte[0], headers()))).containsEntry("x-kafka-key", "");
  }

  @Test
  void tombstoneAndEmptyBodyDiffer() {
    AmqpMessage tombstone = mapping.map(record(null, null, headers()));
    AmqpMessage empty = mapping.map(record(null, new byte[0], headers("x-fabric-tombstone", "1")));

    assertThat(tombstone.body()).isEmpty();
    assertThat(sent(tombstone)).containsEntry("x-fabric-tombstone", true);
    assertThat(empty.body()).isEmpty();
    assertThat(sent(empty)).doesNotContainKey("x-fabric-tombstone");
  }

  @Test
  void headersKeepTextBytesNullsAndDuplicates() {
    Headers headers = headers("x-schema", "images.uploaded.v0", "twice", "a", "empty", "");
    headers.add("twice", NOT_UTF8).add("twice", null).add("binary", NOT_UTF8).add("nothing", null);

    Map<String, Object> sent = sent(map(null, headers));

    assertThat(sent)
        .containsEntry("x-schema", "images.uploaded.v0")
        .containsEntry("empty", "")
        .containsEntry("binary", NOT_UTF8)
        .containsEntry("nothing", null);
    assertThat((List<?>) sent.get("twice"))
        .usingRecursiveComparison()
        .isEqualTo(Arrays.asList("a", NOT_UTF8, null));
  }

  @Test
  void correlationAndTracePassUntouched() {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    Map<String, Object> sent =
        sent(map(null, headers("x-correlation-id", " any Thing ", "traceparent", trace)));

    assertThat(sent)
        .containsEntry("x-correlation-id", " any Thing ")
        .containsEntry("traceparent", trace);
  }

  @Test
  void senderSelectedRoutingIsNotForwarded() {
    assertThat(sent(map(null, headers("CC", "other", "BCC", "third", "cc", "kept"))))
        .doesNotContainKeys("CC", "BCC")
        .containsEntry("cc", "kept");
  }

  @Test
  void messageIdIsTheRecordsOwnElseItsPlace() {
    assertThat(properties(headers()).getMessageId()).isEqualTo("topic-3-42-1700000000123");
    assertThat(properties(headers("x-message-id", "mine")).getMessageId()).isEqualTo("mine");
    assertThat(properties(headers("x-message-id", "")).getMessageId())
        .isEqualTo("topic-3-42-1700000000123");
  }

  @Test
  void messageIdTooLongForAmqpIsHashed() {
    String id = properties(headers("x-message-id", "ä".repeat(200))).getMessageId();

    assertThat(id).hasSize(64);
    assertThat(HexFormat.of().parseHex(id)).hasSize(32);
    assertThat(properties(headers("x-message-id", "a".repeat(255))).getMessageId()).hasSize(255);
  }

  @Test
  void originIsSetOnceAndHopsAreCounted() {
    Map<String, Object> first = sent(map(null, headers()));
    Map<String, Object> third =
        sent(map(null, headers("x-fabric-origin", "rabbitmq:/queue", "x-fabric-hops", "2")));

    assertThat(first)
        .containsEntry("x-fabric-origin", "kafka:cluster-1/topic/3/42")
        .containsEntry("x-fabric-hops", 1);
    assertThat(third)
        .containsEntry("x-fabric-origin", "rabbitmq:/queue")
        .containsEntry("x-fabric-hops", 3);
    assertThat(sent(map(null, headers("x-fabric-hops", "many")))).containsEntry("x-fabric-hops", 1);
  }

  @Test
  void contentTypeBecomesAProperty() {
    AmqpMessage message = map(null, headers("content-type", "application/json"));

    assertThat(message.properties().getContentType()).isEqualTo("application/json");
    assertThat(sent(message)).containsEntry("content-type", "application/json");
  }

  @Test
  void randomKeysAndHeadersComeBackIdentical() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] key = randomBytes(random);
      RecordHeaders headers = new RecordHeaders();
      for (int h = random.nextInt(5); h > 0; h--) {
        headers.add("h" + random.nextInt(3), random.nextInt(8) == 0 ? null : randomBytes(random));
      }

      Map<String, Object> sent = sent(map(key, headers));

      assertThat(back(sent.get("x-kafka-key"))).as("key, seed %d", seed).isEqualTo(key);
      for (String name : List.of("h0", "h1", "h2")) {
        List<byte @Nullable []> before = new ArrayList<>();
        for (Header header : headers.headers(name)) {
          before.add(header.value());
        }
        assertThat(backAll(sent, name))
            .as("header %s, seed %d", name, seed)
            .usingRecursiveComparison()
            .isEqualTo(before);
      }
    }
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(12)];
    random.nextBytes(bytes);
    if (random.nextBoolean()) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (bytes[i] & 0x7F);
      }
    }
    return bytes;
  }

  private static List<byte @Nullable []> backAll(Map<String, Object> sent, String name) {
    if (!sent.containsKey(name)) {
      return List.of();
    }
    List<byte @Nullable []> values = new ArrayList<>();
    Object value = sent.get(name);
    if (value instanceof List<?> several) {
      several.forEach(one -> values.add(back(one)));
    } else {
      values.add(back(value));
    }
    return values;
  }

  private static byte @Nullable [] back(@Nullable Object value) {
    return value instanceof String text ? text.getBytes(UTF_8) : (byte[]) value;
  }

  private AmqpMessage map(byte @Nullable [] key, Headers headers) {
    return mapping.map(record(key, "body".getBytes(UTF_8), headers));
  }

  private AMQP.BasicProperties properties(Headers headers) {
    return map(null, headers).properties();
  }

  private static Map<String, Object> sent(AmqpMessage message) {
    return message.properties().getHeaders();
  }

  private static Headers headers(String... namesAndValues) {
    RecordHeaders headers = new RecordHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1].getBytes(UTF_8));
    }
    return headers;
  }

  @SuppressWarnings("NullAway") // Kafka's own records hold nulls; its constructor does not say so
  private static ConsumerRecord<byte @Nullable [], byte @Nullable []> record(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    return new ConsumerRecord<>(
        "topic",
        3,
        42,
        1_700_000_000_123L,
        TimestampType.CREATE_TIME,
        key == null ? -1 : key.length,
        value == null ? -1 : value.length,
        key,
        value,
        headers,
        Optional.empty());
  }
}
