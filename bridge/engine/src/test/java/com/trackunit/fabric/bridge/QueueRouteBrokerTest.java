// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a queue to a topic, between a real RabbitMQ and a real Kafka. */
@Tag("broker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({NoLeaks.class, SharedBrokers.class})
class QueueRouteBrokerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Brokers brokers;
  private RabbitMessaging rabbit;
  private String queue;
  private String topic;

  @BeforeAll
  void useBrokers(Brokers shared) {
    brokers = shared;
  }

  @BeforeEach
  void openMessaging() {
    rabbit = brokers.openMessaging();
    queue = Brokers.fresh("queue");
    topic = brokers.newTopic(4);
  }

  @AfterEach
  void closeMessaging() {
    rabbit.close();
  }

  @Test
  void messagesArriveInOrderWithKeyAndHeaders() throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 2_000);
    try (BridgeEngine bridge = start(route(false))) {
      awaitConfirmed(bridge, 2_000);
      await().atMost(PATIENCE).until(() -> bridge.state() == ResourceState.OPEN);
      await().atMost(PATIENCE).until(() -> brokers.depth(queue) == 0);
    }

    List<ConsumerRecord<byte[], byte[]>> arrived = brokers.read(topic);
    assertThat(load.judge(arrived).duplicated()).isZero();
    assertThat(new String(arrived.get(0).headers().lastHeader("x-fabric-origin").value(), UTF_8))
        .isEqualTo("rabbitmq:/" + "/" + queue);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNextBridgeGoesOnWhereAKilledOneEnded(boolean effectivelyOnce) throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 10_000);
    BridgeEngine killed = start(route(effectivelyOnce));
    await().atMost(PATIENCE).until(() -> confirmed(killed) > 1_000);
    killed.abandon();
    assertThat(confirmed(killed)).as("killed under load").isLessThan(load.total());
    try (BridgeEngine next = start(route(effectivelyOnce))) {
      awaitDrained(next);
    }

    assertThat(brokers.depth(queue)).as("what the bridge gave back").isZero();
    Verdict verdict = load.judge(brokers.read(topic));
    if (effectivelyOnce) {
      assertThat(verdict.duplicated()).as("%s", verdict).isZero();
    }
  }

  @Test
  void aStandbyTakesOverWhenTheActiveInstanceIsKilled() throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 10_000);
    BridgeEngine active = start(route(true));
    await().atMost(PATIENCE).until(() -> confirmed(active) > 500);
    RabbitMessaging other = brokers.openMessaging();
    try (BridgeEngine standby = start(other, route(true))) {
      await().atMost(PATIENCE).until(() -> standby.state() == ResourceState.OPEN);
      active.abandon();
      awaitDrained(standby);
      assertThat(confirmed(standby)).isPositive();
    } finally {
      other.close();
    }

    assertThat(load.judge(brokers.read(topic)).duplicated()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void poisonIsDeadLetteredAloneAndTheRestArrivesInOrder(boolean effectivelyOnce) throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    String dead = Brokers.fresh("dead");
    brokers.kafka.createTopic(dead, 1, Map.of("max.message.bytes", "10000000"));
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 500);
    publishPoison();
    load.send(brokers, 500);
    Route route = route(effectivelyOnce).onError(ErrorPolicy.deadLetterTo(dead));
    try (BridgeEngine bridge = start(route)) {
      awaitDrained(bridge);
      assertThat(bridge.status().get(0).count(RouteCounter.DEAD_LETTERED)).isEqualTo(1);
    }

    assertThat(load.judge(brokers.read(topic)).duplicated()).isZero();
    List<ConsumerRecord<byte[], byte[]>> letters = brokers.read(dead);
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).value()).hasSize(3_000_000);
    assertThat(text(letters.get(0), "x-fabric-dead-cause")).contains("RecordTooLarge");
    assertThat(text(letters.get(0), "x-fabric-dead-original-queue")).isEqualTo(queue);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void skippedPoisonIsNowhereAndTheRestArrivesInOrder(boolean effectivelyOnce) throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 100);
    publishPoison();
    load.send(brokers, 100);
    try (BridgeEngine bridge = start(route(effectivelyOnce).onError(ErrorPolicy.skip()))) {
      awaitDrained(bridge);
      assertThat(bridge.status().get(0).count(RouteCounter.SKIPPED)).isEqualTo(1);
      assertThat(confirmed(bridge)).isEqualTo(200);
    }

    assertThat(load.judge(brokers.read(topic)).duplicated()).isZero();
    assertThat(brokers.depth(queue)).isZero();
  }

  @Test
  void poisonStopsTheRouteUnlessToldOtherwise() throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    publishPoison();
    try (BridgeEngine bridge = start(route(false))) {
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).lastError().isPresent());
      assertThat(bridge.health().isUp()).isFalse();
    }
    assertThat(brokers.depth(queue)).as("nothing lost").isEqualTo(1);
  }

  @Test
  void aBridgeThatIsClosedDrainsAndLeavesNoRepeats() throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 10_000);
    BridgeEngine first = start(route(false));
    await().atMost(PATIENCE).until(() -> confirmed(first) > 500);
    first.close(Duration.ofSeconds(30));
    assertThat(confirmed(first)).isLessThan(load.total());
    try (BridgeEngine second = start(route(false))) {
      awaitDrained(second);
    }

    assertThat(load.judge(brokers.read(topic)).duplicated()).isZero();
  }

  @Test
  void aPausedRouteTakesNothingUntilResumed() throws Exception {
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    try (BridgeEngine bridge = start(route(false))) {
      await().atMost(PATIENCE).until(() -> bridge.state() == ResourceState.OPEN);
      bridge.pause(queue);
      load.send(brokers, 100);
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).detail().equals("paused"));
      assertThat(confirmed(bridge)).isZero();
      bridge.resume(queue);
      awaitConfirmed(bridge, 100);
    }
  }

  private void publishPoison() throws Exception {
    brokers.withChannel(
        channel -> {
          channel.confirmSelect();
          channel.basicPublish(
              "",
              queue,
              new AMQP.BasicProperties.Builder().messageId("poison").deliveryMode(2).build(),
              new byte[3_000_000]);
          channel.waitForConfirmsOrDie(30_000);
          return true;
        });
  }

  private static String text(ConsumerRecord<byte[], byte[]> record, String header) {
    return new String(record.headers().lastHeader(header).value(), UTF_8);
  }

  private Route route(boolean effectivelyOnce) {
    Route route = Route.fromQueue(queue).toTopic(topic).named(queue);
    return effectivelyOnce ? route.effectivelyOnce() : route;
  }

  private BridgeEngine start(Route route) {
    return start(rabbit, route);
  }

  private BridgeEngine start(RabbitMessaging messaging, Route route) {
    BridgeEngine bridge =
        BridgeEngine.builder("test-bridge", messaging, brokers.kafkaSettings())
            .route(route)
            .build();
    bridge.start();
    return bridge;
  }

  private static long confirmed(BridgeEngine bridge) {
    return bridge.status().get(0).confirmed();
  }

  private static void awaitConfirmed(BridgeEngine bridge, long messages) {
    await().atMost(PATIENCE).until(() -> confirmed(bridge) >= messages);
  }

  /** Nothing in the queue, neither ready nor delivered; a passive count knows only the ready. */
  /** Longer than a status may be old: it may be from before the queue was emptied into a window. */
  private void awaitDrained(BridgeEngine bridge) {
    await()
        .atMost(Duration.ofMinutes(2))
        .during(Duration.ofMillis(500))
        .until(
            () -> {
              RouteStatus status = bridge.status().get(0);
              return brokers.depth(queue) == 0
                  && status.count(RouteCounter.TAKEN) > 0
                  && status.inFlight() + status.waiting() == 0
                  && status.state() == ResourceState.OPEN;
            });
  }
}
