// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.LongStringHelper;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Both mappings, one after the other, give back what went in. */
class HeaderRoundTripTest {
  private static final byte[] NOT_UTF8 = {(byte) 0xC3, (byte) 0x28, 0, (byte) 0xFF};

  private final DeliveryMapping toKafka =
      new DeliveryMapping(Route.fromQueue("q").toTopic("t"), "/");
  private final RecordMapping toRabbit =
      new RecordMapping(Route.fromTopic("t").toExchange("x"), () -> "cluster-1");

  @Test
  void everyAmqpTypeComesBackIdentical() {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      Map<String, @Nullable Object> headers = new LinkedHashMap<>();
      for (int n = random.nextInt(6); n > 0; n--) {
        headers.put("h" + n + "\"\\\u0001ä", value(random, 3));
      }
      byte[] body = new byte[random.nextInt(50)];
      random.nextBytes(body);
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder()
              .headers(headers)
              .messageId("id" + i)
              .contentType("application/octet-stream")
              .contentEncoding("gzip")
              .correlationId("c")
              .replyTo("answers")
              .priority(7)
              .timestamp(Date.from(Instant.ofEpochSecond(1_700_000_000L)))
              .type("event")
              .appId("app")
              .build();

      AmqpMessage back = there(new DeliveryView("x", "key." + i, properties, body), body);

      assertThat(back.body()).isEqualTo(body);
      assertThat(back.routingKey()).isEqualTo("key." + i);
      Map<String, Object> returned = new LinkedHashMap<>();
      back.properties().getHeaders().forEach((name, v) -> returned.put(name, received(v)));
      assertThat(returned.remove("x-fabric-origin")).hasToString("rabbitmq://q");
      assertThat(returned.remove("x-fabric-hops")).isEqualTo(2);
      assertThat(returned).usingRecursiveComparison().isEqualTo(headers);
      assertThat(back.properties().builder().headers(headers).deliveryMode(null).build())
          .isEqualTo(properties);
    }
  }

  private static @Nullable Object value(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 13 : 15)) {
      case 0 -> null;
      case 1 -> LongStringHelper.asLongString("täxt" + random.nextInt());
      case 2 -> LongStringHelper.asLongString(NOT_UTF8);
      case 3 -> NOT_UTF8;
      case 4 -> "plain".getBytes(UTF_8);
      case 5 -> random.nextBoolean();
      case 6 -> (byte) random.nextInt();
      case 7 -> (short) random.nextInt();
      case 8 -> random.nextInt();
      case 9 -> random.nextLong();
      case 10 -> random.nextBoolean() ? (Object) random.nextFloat() : random.nextDouble();
      case 11 -> new BigDecimal(random.nextInt(100_000)).movePointLeft(2);
      case 12 -> Date.from(Instant.ofEpochSecond(random.nextInt()));
      case 13 -> {
        Map<String, @Nullable Object> table = new LinkedHashMap<>();
        for (int n = random.nextInt(3); n > 0; n--) {
          table.put("k" + n, value(random, depth - 1));
        }
        yield table;
      }
      default -> {
        List<@Nullable Object> array = new ArrayList<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
    };
  }

  @Test
  void kafkaHeadersComeBackIdentical() {
    Random random = new Random(6);
    for (int i = 0; i < 2_000; i++) {
      RecordHeaders headers = new RecordHeaders();
      headers.add("x-message-id", ("id" + i).getBytes(UTF_8));
      for (int n = random.nextInt(4); n > 0; n--) {
        for (int copies = 1 + random.nextInt(3); copies > 0; copies--) {
          headers.add("h" + n, random.nextInt(4) == 0 ? null : bytes(random));
        }
      }
      byte[] key = random.nextInt(4) == 0 ? null : bytes(random);
      byte[] body = random.nextInt(4) == 0 ? null : bytes(random);

      Inbound<KafkaMessage> back = back(toRabbit.map(record(key, body, headers)));

      assertThat(back.refusedBecause()).isNull();
      assertThat(back.message().key()).isEqualTo(key);
      assertThat(back.message().value()).isEqualTo(body);
      assertThat(list(back.message().headers())).containsExactlyInAnyOrderElementsOf(list(headers));
    }
  }

  @Test
  void whatCannotOrMustNotBeForwardedStaysBehind() {
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .headers(Map.of("CC", List.of("a"), "BCC", List.of("b")))
            .userId("guest")
            .expiration("1000")
            .replyTo("amq.rabbitmq.reply-to.g1.abc")
            .build();

    Inbound<KafkaMessage> mapped =
        toKafka.map(new DeliveryView("x", "k", properties, new byte[0]), new byte[0]);

    assertThat(list(mapped.message().headers()))
        .noneMatch(h -> h.matches("(?i)(CC|BCC|.*user-id|.*expiration|.*reply-to).*"));
  }

  @Test
  void aLoopIsNotGoneRoundAgain() {
    AmqpMessage first = toRabbit.map(record(null, new byte[] {1}, new RecordHeaders()));
    Inbound<KafkaMessage> second = back(first);
    ConsumerRecord<byte[], byte[]> third =
        record(null, new byte[] {1}, (RecordHeaders) second.message().headers());

    assertThat(second.unwanted()).isFalse();
    assertThat(toRabbit.wants(third)).as("it began in this topic").isFalse();
  }

  @Test
  void aLoopThatBeganElsewhereEndsByItsHops() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("x-fabric-origin", "kafka:other/t/0/1".getBytes(UTF_8));
    headers.add("x-fabric-hops", "16".getBytes(UTF_8));

    assertThat(toRabbit.wants(record(null, new byte[0], headers))).isFalse();
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(5)];
    random.nextBytes(bytes);
    return bytes;
  }

  private AmqpMessage there(DeliveryView delivery, byte[] body) {
    KafkaMessage message = toKafka.map(delivery, body).message();
    return toRabbit.map(record(message.key(), message.value(), message.headers()));
  }

  /** As a client of RabbitMQ gets it: texts are long strings there. */
  private Inbound<KafkaMessage> back(AmqpMessage message) {
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    message.properties().getHeaders().forEach((name, value) -> headers.put(name, received(value)));
    return toKafka.map(
        new DeliveryView(
            "x",
            message.routingKey(),
            message.properties().builder().headers(headers).build(),
            message.body()),
        message.body());
  }

  private static @Nullable Object received(@Nullable Object value) {
    if (value instanceof String text) {
      return LongStringHelper.asLongString(text);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> all = new ArrayList<>();
      list.forEach(each -> all.add(received(each)));
      return all;
    }
    return value;
  }

  private static List<String> list(Headers headers) {
    List<String> all = new ArrayList<>();
    for (Header header : headers) {
      if (!header.key().startsWith("x-fabric-") && !header.key().equals("x-amqp-routing-key")) {
        byte[] value = header.value();
        all.add(header.key() + "=" + (value == null ? "null" : new java.math.BigInteger(1, value)));
      }
    }
    return all;
  }

  private static ConsumerRecord<byte[], byte[]> record(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    return new ConsumerRecord<>(
        "t",
        0,
        7,
        1_000L,
        TimestampType.CREATE_TIME,
        0,
        0,
        key,
        value,
        headers,
        java.util.Optional.empty());
  }
}
