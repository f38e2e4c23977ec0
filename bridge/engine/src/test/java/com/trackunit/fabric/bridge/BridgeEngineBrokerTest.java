// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Delivery;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** From a topic to an exchange, between a real Kafka and a real RabbitMQ. */
@Tag("broker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({NoLeaks.class, SharedBrokers.class})
class BridgeEngineBrokerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Brokers brokers;
  private RabbitMessaging rabbit;
  private String exchange;
  private String queue;

  @BeforeAll
  void useBrokers(Brokers shared) {
    brokers = shared;
  }

  @BeforeEach
  void openMessaging() {
    rabbit = brokers.openMessaging();
    exchange = Brokers.fresh("exchange");
    queue = Brokers.fresh("queue");
  }

  @AfterEach
  void closeMessaging() {
    rabbit.close();
  }

  @Test
  void recordsArriveByteForByteWithKeyAndHeaders() throws Exception {
    String topic = brokers.newTopic(1);
    brokers.declareQueue(exchange, queue, "quorum");
    List<ProducerRecord<byte[], byte[]>> records = oddRecords(topic);
    try (BridgeEngine bridge = startBridge(topic)) {
      brokers.send(records);
      awaitDepth(records.size());
      awaitCommitted(bridge, records.size());
    }

    List<Delivery> arrived = brokers.drain(queue);

    for (int i = 0; i < records.size(); i++) {
      Delivery message = arrived.get(i);
      byte[] body = records.get(i).value();
      assertThat(message.getBody()).isEqualTo(body == null ? new byte[0] : body);
      Map<String, Object> headers = message.getProperties().getHeaders();
      assertThat(headers.containsKey("x-fabric-tombstone")).isEqualTo(body == null);
      assertThat(String.valueOf(headers.get("x-fabric-origin")))
          .matches("kafka:[A-Za-z0-9_-]{22}/" + topic + "/0/" + i);
      assertThat(message.getProperties().getMessageId()).startsWith(topic + "-0-" + i + "-");
      assertThat(message.getProperties().getDeliveryMode()).isEqualTo(2);
    }
    Delivery first = arrived.get(0);
    Map<String, Object> headers = first.getProperties().getHeaders();
    assertThat(first.getEnvelope().getRoutingKey()).isEqualTo("images/2026/1.jpg");
    assertThat(headers.get("x-kafka-key")).hasToString("images/2026/1.jpg");
    assertThat(headers.get("x-correlation-id")).hasToString("c-1");
    assertThat(headers.get("binary")).isEqualTo(new byte[] {(byte) 0xFF, 0, 1});
    assertThat(headers).containsEntry("nothing", null);
    assertThat(headers.get("twice")).hasToString("[a, b]");
  }

  @Test
  void theNextBridgeGoesOnWhereAKilledOneEnded() throws Exception {
    String topic = brokers.newTopic(4);
    brokers.declareQueue(exchange, queue, "quorum");
    Load load = new Load(topic, 4);
    load.send(brokers, 5_000);
    BridgeEngine killed = startBridge(topic);
    await().atMost(PATIENCE).until(() -> confirmed(killed) > 2_000);
    killed.abandon();
    assertThat(confirmed(killed)).as("killed under load").isLessThan(load.total());
    try (BridgeEngine next = startBridge(topic)) {
      await().atMost(PATIENCE).until(() -> committedSum(topic) == load.total());
      assertThat(next.health().isUp()).isTrue();
    }

    load.judge(brokers.drain(queue));
  }

  @Test
  void aBridgeThatIsClosedDrainsAndLeavesNoRepeats() throws Exception {
    String topic = brokers.newTopic(2);
    brokers.declareQueue(exchange, queue, "quorum");
    Load load = new Load(topic, 2);
    load.send(brokers, 5_000);
    BridgeEngine first = startBridge(topic);
    await().atMost(PATIENCE).until(() -> confirmed(first) > 1_000);
    first.close(Duration.ofSeconds(30));
    assertThat(first.state()).isEqualTo(ResourceState.CLOSED);
    assertThat(committedSum(topic)).isEqualTo(confirmed(first)).isLessThan(load.total());
    try (BridgeEngine second = startBridge(topic)) {
      await().atMost(PATIENCE).until(() -> committedSum(topic) == load.total());
      // The status follows the route by a moment.
      await().atMost(PATIENCE).until(() -> confirmed(first) + confirmed(second) == load.total());
    }

    assertThat(load.judge(brokers.drain(queue)).duplicated()).isZero();
  }

  @Test
  void aMissingExchangeIsWaitedForAndNamed() throws Exception {
    String topic = brokers.newTopic(2);
    Load load = new Load(topic, 2);
    load.send(brokers, 100);
    try (BridgeEngine bridge = startBridge(topic)) {
      await()
          .atMost(PATIENCE)
          .until(() -> bridge.health().toJson().contains("404") && !bridge.health().isUp());
      assertThat(committedSum(topic)).isZero();
      brokers.declareQueue(exchange, queue, "quorum");
      awaitCommitted(bridge, load.total());
      assertThat(bridge.health().isUp()).isTrue();
    }

    load.judge(brokers.drain(queue));
  }

  @Test
  void anUnroutableMessageIsKeptUntilItHasAQueue() throws Exception {
    String topic = brokers.newTopic(2);
    brokers.declareExchange(exchange);
    Load load = new Load(topic, 2);
    load.send(brokers, 100);
    try (BridgeEngine bridge = startBridge(topic)) {
      await()
          .atMost(PATIENCE)
          .until(() -> bridge.health().toJson().contains("312") && !bridge.health().isUp());
      assertThat(bridge.status().get(0).lastError())
          .hasValueSatisfying(
              error -> assertThat(error.kind()).isEqualTo(RouteException.Kind.UNROUTABLE));
      assertThat(committedSum(topic)).isZero();
      brokers.declareQueue(exchange, queue, "quorum");
      awaitCommitted(bridge, load.total());
    }

    load.judge(brokers.drain(queue));
  }

  @Test
  void aRecordTooLargeForAmqpHoldsUpItsPartitionOnly() throws Exception {
    String topic = brokers.newTopic(2);
    brokers.declareQueue(exchange, queue, "quorum");
    RecordHeaders tooLarge = new RecordHeaders();
    tooLarge.add("large", new byte[200_000]);
    brokers.send(
        List.of(new ProducerRecord<>(topic, 0, null, new byte[] {1}, new byte[] {1}, tooLarge)));
    try (BridgeEngine bridge = startBridge(topic)) {
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).lastError().isPresent());
      brokers.send(List.of(new ProducerRecord<>(topic, 1, new byte[] {2}, new byte[] {2})));
      awaitDepth(1);
      assertThat(bridge.health().isUp()).isFalse();
      assertThat(bridge.health().toJson()).contains("cannot be encoded");
      await().atMost(PATIENCE).until(() -> committedSum(topic) == 1);
      assertThat(brokers.committed(group(topic))).doesNotContainKey(new TopicPartition(topic, 0));
    }
  }

  @Test
  void poisonIsDeadLetteredAloneAndTheRestArrivesInOrder() throws Exception {
    String topic = brokers.newTopic(2);
    String dead = Brokers.fresh("dead");
    brokers.declareQueue(exchange, queue, "quorum");
    brokers.declareQueue(Brokers.fresh("unused"), dead, "quorum");
    Load load = new Load(topic, 2);
    load.send(brokers, 500);
    RecordHeaders tooLarge = new RecordHeaders();
    tooLarge.add("large", new byte[200_000]);
    brokers.send(
        List.of(new ProducerRecord<>(topic, 0, null, new byte[] {1}, new byte[] {1}, tooLarge)));
    load.send(brokers, 500);
    Route route =
        Route.fromTopic(topic)
            .toExchange(exchange)
            .named(topic)
            .onError(ErrorPolicy.deadLetterTo(dead));
    try (BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings()).route(route).build()) {
      bridge.start();
      awaitCommitted(bridge, load.total() + 1);
      assertThat(bridge.status().get(0).count(RouteCounter.DEAD_LETTERED)).isEqualTo(1);
    }

    assertThat(load.judge(brokers.drain(queue)).duplicated()).isZero();
    List<Delivery> letters = brokers.drain(dead);
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).getProperties().getHeaders().get("x-fabric-dead-reason"))
        .hasToString("NOT_ENCODABLE");
  }

  @Test
  void aMessageThatKillsTheChannelIsDeadLetteredAlone() throws Exception {
    String topic = brokers.newTopic(1);
    String dead = Brokers.fresh("dead");
    brokers.declareQueue(Brokers.fresh("unused"), dead, "quorum");
    Load load = new Load(topic, 1);
    load.send(brokers, 3);
    Route route =
        Route.fromTopic(topic)
            .toExchange(exchange) // which nobody has declared
            .named(topic)
            .onError(ErrorPolicy.deadLetterTo(dead).afterAttempts(1));
    try (BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings()).route(route).build()) {
      bridge.start();
      awaitCommitted(bridge, 3);
    }
    load.judge(brokers.drain(dead));
  }

  @Test
  void aReplayHasItsOwnGroupAndATimeAfterTheEndIsTheEnd() throws Exception {
    String topic = brokers.newTopic(1);
    brokers.declareQueue(exchange, queue, "quorum");
    Load load = new Load(topic, 1);
    load.send(brokers, 10);
    Route live = Route.fromTopic(topic).toExchange(exchange).named(topic);
    Route tail = live.replayFrom(topic + "-tail", 7);
    Route after = live.replayFrom(topic + "-after", Instant.now().plusSeconds(3_600));
    try (BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings())
            .route(tail)
            .route(after)
            .build()) {
      bridge.start();
      await().atMost(PATIENCE).until(() -> bridge.state() == ResourceState.OPEN);
      awaitDepth(3);
      load.send(brokers, 1);
      awaitDepth(5);
      await().atMost(PATIENCE).until(() -> bridge.status().get(1).confirmed() == 1);
    }
    assertThat(brokers.committed(group(topic))).as("the live route's group").isEmpty();
  }

  @Test
  void aLoopOverBothBrokersStaysFinite() throws Exception {
    String topic = brokers.newTopic(1);
    brokers.declareExchange(exchange);
    brokers.declareOrderedQueue(queue, "quorum");
    brokers.withChannel(channel -> channel.queueBind(queue, exchange, ""));
    brokers.send(List.of(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {1})));
    try (BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings())
            .route(Route.fromTopic(topic).toExchange(exchange).named(topic))
            .route(Route.fromQueue(queue).toTopic(topic).named(queue))
            .build()) {
      bridge.start();
      await()
          .atMost(PATIENCE)
          .until(() -> bridge.status().get(0).count(RouteCounter.FILTERED) == 1);
    }
    assertThat(brokers.read(topic)).hasSize(2);
  }

  @Test
  void aPositionThatKafkaNoLongerHasIsNoticed() throws Exception {
    String topic = brokers.newTopic(1);
    brokers.declareQueue(exchange, queue, "quorum");
    Load load = new Load(topic, 1);
    load.send(brokers, 10);
    try (BridgeEngine bridge = startBridge(topic)) {
      awaitCommitted(bridge, 10);
    }
    load.send(brokers, 10);
    try (Admin admin = brokers.newAdmin()) {
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(15)))
          .all()
          .get();
    }
    try (BridgeEngine bridge = startBridge(topic)) {
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).lastError().isPresent());
      RouteException error = bridge.status().get(0).lastError().orElseThrow();
      assertThat(error.kind()).isEqualTo(RouteException.Kind.POSITION_LOST);
      assertThat(error).hasMessageContaining("offset 10");
      assertThat(bridge.health().isUp()).isFalse();
    }
    assertThat(brokers.depth(queue)).isEqualTo(10);
  }

  @Test
  void twoBridgesShareTheTopicAndPartitionsMoveWithoutLoss() throws Exception {
    String topic = brokers.newTopic(4);
    brokers.declareQueue(exchange, queue, "quorum");
    Load load = new Load(topic, 4);
    load.send(brokers, 5_000);
    try (BridgeEngine first = startBridge(topic)) {
      await().atMost(PATIENCE).until(() -> confirmed(first) > 1_000);
      try (BridgeEngine second = startBridge(topic)) {
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  load.send(brokers, 500);
                  return confirmed(second) > 0;
                });
        await().atMost(PATIENCE).until(() -> committedSum(topic) == load.total());
      }
    }

    load.judge(brokers.drain(queue));
  }

  private static List<ProducerRecord<byte[], byte[]>> oddRecords(String topic) {
    RecordHeaders headers = new RecordHeaders();
    headers.add("x-correlation-id", "c-1".getBytes(UTF_8));
    headers.add("binary", new byte[] {(byte) 0xFF, 0, 1});
    headers.add("nothing", null);
    headers.add("twice", "a".getBytes(UTF_8)).add("twice", "b".getBytes(UTF_8));
    byte[] key = "images/2026/1.jpg".getBytes(UTF_8);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    records.add(new ProducerRecord<>(topic, 0, null, key, "{}".getBytes(UTF_8), headers));
    records.add(new ProducerRecord<>(topic, 0, key, null));
    records.add(new ProducerRecord<>(topic, 0, key, new byte[0]));
    records.add(new ProducerRecord<>(topic, 0, new byte[] {(byte) 0xFF}, new byte[] {7}));
    Random random = new Random(11);
    for (int size : new int[] {1, 1_000, 100_000, 900_000}) {
      byte[] body = new byte[size];
      random.nextBytes(body);
      records.add(new ProducerRecord<>(topic, 0, key, body));
    }
    return records;
  }

  private BridgeEngine startBridge(String topic) {
    BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings())
            .route(Route.fromTopic(topic).toExchange(exchange).named(topic))
            .build();
    bridge.start();
    return bridge;
  }

  private static String group(String topic) {
    return "test-bridge." + topic;
  }

  private static long confirmed(BridgeEngine bridge) {
    return bridge.status().get(0).confirmed();
  }

  private long committedSum(String topic) throws Exception {
    return brokers.committed(group(topic)).values().stream().mapToLong(o -> o.offset()).sum();
  }

  private static void awaitCommitted(BridgeEngine bridge, long records) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bridge.status().get(0).committedOffsets().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()
                    == records);
  }

  private void awaitDepth(long messages) {
    await().atMost(PATIENCE).until(() -> brokers.depth(queue) == messages);
  }
}
