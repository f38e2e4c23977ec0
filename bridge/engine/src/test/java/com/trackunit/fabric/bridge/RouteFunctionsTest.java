// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

/** Filters, keys, patterns and CloudEvents, both ways. */
class RouteFunctionsTest {
  private static final Route DOWN = Route.fromTopic("t").toExchange("x");
  private static final Route UP = Route.fromQueue("q").toTopic("t");

  @Test
  void aFilterSeesKeyHeadersAndBody() {
    Route route =
        DOWN.filter(
            m ->
                m.key().orElse("").equals("k")
                    && m.header("h").orElse("").equals("last")
                    && m.body() != null);
    ConsumerRecord<byte[], byte[]> wanted = record("k");
    wanted.headers().add("h", bytes("first")).add("h", bytes("last"));

    assertThat(down(route).wants(wanted)).isTrue();
    assertThat(down(route).wants(record("other"))).isFalse();
    assertThat(up(UP.filter(m -> m.key().orElse("").equals("k")), Map.of()).unwanted()).isFalse();
    assertThat(up(UP.filter(m -> m.key().isEmpty()), Map.of()).unwanted()).isTrue();
  }

  @Test
  void keysComeFromAFunctionOrAHeaderOrNotAtAll() {
    ConsumerRecord<byte[], byte[]> record = record("k");
    record.headers().add("region", bytes("eu"));

    assertThat(down(DOWN.keyedByHeader("region")).map(record).routingKey()).isEqualTo("eu");
    assertThat(down(DOWN.keyedBy(m -> m.key().orElse("") + "!")).map(record).routingKey())
        .isEqualTo("k!");
    assertThat(down(DOWN.keyedByHeader("absent")).map(record).routingKey()).isEmpty();
    assertThat(up(UP.keyedByHeader("region"), Map.of("region", "eu")).message().key())
        .isEqualTo(bytes("eu"));
    assertThat(up(UP.keyedByHeader("absent"), Map.of()).message().key()).isNull();
  }

  @Test
  void aFunctionThatThrowsRefusesItsMessageAlone() {
    Route route =
        UP.keyedBy(
            m -> {
              throw new IllegalStateException("mine");
            });

    assertThat(up(route, Map.of()).refusedBecause()).contains("mine");
  }

  @Test
  void aPatternIsOfWholeNames() {
    Route route = Route.fromTopics(Pattern.compile("a[.].*")).toExchange("x");
    Pattern pattern = Objects.requireNonNull(route.topicPattern());

    assertThat(pattern.matcher("a.b").matches()).isTrue();
    assertThat(pattern.matcher("xa.b").matches()).isFalse();
  }

  @Test
  void attributesOfCloudEventsAreTranslatedWhenAsked() {
    ConsumerRecord<byte[], byte[]> record = record("k");
    record.headers().add("ce_id", bytes("1")).add("ce_source", bytes("/s"));

    assertThat(down(DOWN.cloudEvents()).map(record).properties().getHeaders())
        .containsEntry("cloudEvents_id", "1")
        .containsEntry("cloudEvents_source", "/s")
        .doesNotContainKey("ce_id");
    assertThat(down(DOWN).map(record).properties().getHeaders()).containsEntry("ce_id", "1");

    Map<String, Object> attributes =
        Map.of(
            "cloudEvents:id",
            "1",
            "cloudEvents_time",
            Date.from(Instant.parse("2026-11-23T10:00:00Z")));
    Iterable<Header> headers = up(UP.cloudEvents(), attributes).message().headers();
    assertThat(headers)
        .anySatisfy(header -> assertThat(header.key()).isEqualTo("ce_id"))
        .anySatisfy(
            header -> {
              assertThat(header.key()).isEqualTo("ce_time");
              assertThat(new String(header.value(), UTF_8)).isEqualTo("2026-11-23T10:00:00Z");
            });
    assertThat(up(UP, attributes).message().headers().lastHeader("ce_id")).isNull();
  }

  private static RecordMapping down(Route route) {
    return new RecordMapping(route, () -> "cluster");
  }

  private static Inbound<KafkaMessage> up(Route route, Map<String, Object> headers) {
    AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder().headers(headers).build();
    byte[] body = bytes("body");
    return new DeliveryMapping(route, "/").map(new DeliveryView("x", "k", properties, body), body);
  }

  private static ConsumerRecord<byte[], byte[]> record(String key) {
    return new ConsumerRecord<>("t", 0, 0, bytes(key), bytes("body"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
