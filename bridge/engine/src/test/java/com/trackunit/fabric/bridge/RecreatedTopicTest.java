// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Delivery;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A source topic is deleted and created anew, and has grown past the old offset before the bridge
 * looks: Kafka itself finds nothing wrong with reading on there.
 */
@Tag("broker")
@ExtendWith({NoLeaks.class, SharedBrokers.class})
class RecreatedTopicTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int OLD = 10;
  private static final int NEW = 25;

  private final Brokers brokers;
  private final String queue = Brokers.fresh("queue");
  private final Route route;
  private final String topic;
  private final TopicPartition partition;
  private RabbitMessaging rabbit;

  RecreatedTopicTest(Brokers shared) {
    brokers = shared;
    topic = brokers.newTopic(1);
    partition = new TopicPartition(topic, 0);
    route = Route.fromTopic(topic).toExchange("to-" + queue);
  }

  @BeforeEach
  void openMessaging() throws Exception {
    brokers.declareQueue(route.target(), queue, "quorum");
    rabbit = brokers.openMessaging();
  }

  @AfterEach
  void closeMessaging() {
    rabbit.close();
  }

  @Test
  void aBridgeThatRunsGoesOnAtTheFirstRecordOfTheNewTopic() throws Exception {
    send("old", OLD);
    try (BridgeEngine bridge = startBridge()) {
      awaitCommitted(bridge, OLD);
      assertThat(bridge.drain(route.name(), PATIENCE)).isTrue(); // it does not look meanwhile
      recreate();
      send("new", NEW);
      bridge.resume(route.name());
      awaitCommitted(bridge, NEW); // where it saw that the topic was away, it begins there anyway
    }

    assertThat(arrived()).containsExactlyElementsOf(allOfBoth());
    assertThat(committed().offset()).isEqualTo(NEW);
  }

  @Test
  void aBridgeThatStartsDoesNotTakeTheOldTopicsOffsetForTheNewOnes() throws Exception {
    send("old", OLD);
    try (BridgeEngine bridge = startBridge()) {
      awaitCommitted(bridge, OLD);
    }
    OffsetAndMetadata old = committed();
    recreate();
    send("new", NEW);
    commit(old); // Kafka drops a deleted topic's offsets; a commit on its way comes after that
    try (BridgeEngine bridge = startBridge()) {
      awaitCommitted(bridge, NEW);
      assertNoticed(bridge);
    }

    assertThat(arrived()).containsExactlyElementsOf(allOfBoth());
  }

  @Test
  void anOffsetThatTheNewTopicDoesNotReachIsNoReasonToStandStill() throws Exception {
    send("old", OLD);
    try (BridgeEngine bridge = startBridge()) {
      awaitCommitted(bridge, OLD);
      assertThat(bridge.drain(route.name(), PATIENCE)).isTrue();
      recreate();
      send("new", 3);
      bridge.resume(route.name());
      awaitCommitted(bridge, 3);
      await().atMost(PATIENCE).until(() -> bridge.health().isUp());
    }
  }

  @Test
  void anOffsetThatSomebodyElseCommittedIsGoneOnWith() throws Exception {
    send("old", OLD);
    commit(new OffsetAndMetadata(7, "by hand"));
    try (BridgeEngine bridge = startBridge()) {
      awaitCommitted(bridge, OLD);
      assertThat(bridge.status().get(0).lastError()).isEmpty();
    }

    assertThat(arrived()).containsExactly("old 7", "old 8", "old 9");
    assertThat(committed().metadata()).startsWith("topic-id=");
  }

  private void recreate() throws Exception {
    try (Admin admin = brokers.newAdmin()) {
      admin.deleteTopics(List.of(topic)).all().get();
      await().atMost(PATIENCE).until(() -> !admin.listTopics().names().get().contains(topic));
    }
    brokers.kafka.createTopic(topic, 1, Map.of());
  }

  private void commit(OffsetAndMetadata offset) throws Exception {
    try (Admin admin = brokers.newAdmin()) {
      admin.alterConsumerGroupOffsets(group(), Map.of(partition, offset)).all().get();
    }
  }

  private OffsetAndMetadata committed() throws Exception {
    return Objects.requireNonNull(brokers.committed(group()).get(partition));
  }

  private void send(String what, int records) throws Exception {
    brokers.send(bodies(what, records).map(this::record).toList());
  }

  private ProducerRecord<byte[], byte[]> record(String body) {
    return new ProducerRecord<>(topic, 0, null, body.getBytes(UTF_8));
  }

  private static Stream<String> bodies(String what, int records) {
    return IntStream.range(0, records).mapToObj(i -> what + " " + i);
  }

  private static List<String> allOfBoth() {
    return Stream.concat(bodies("old", OLD), bodies("new", NEW)).toList();
  }

  private List<String> arrived() throws Exception {
    return brokers.drain(queue).stream()
        .map(Delivery::getBody)
        .map(body -> new String(body, UTF_8))
        .toList();
  }

  private String group() {
    return "test-bridge." + route.name();
  }

  private BridgeEngine startBridge() {
    BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings()).route(route).build();
    bridge.start();
    return bridge;
  }

  private static void assertNoticed(BridgeEngine bridge) {
    assertThat(bridge.status().get(0).lastError())
        .hasValueSatisfying(
            error -> assertThat(error.kind()).isEqualTo(RouteException.Kind.TOPIC_RECREATED));
  }

  private void awaitCommitted(BridgeEngine bridge, long offset) {
    Map<String, Long> expected = Map.of(partition.toString(), offset);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(bridge.status().get(0).committedOffsets()).isEqualTo(expected));
  }
}
