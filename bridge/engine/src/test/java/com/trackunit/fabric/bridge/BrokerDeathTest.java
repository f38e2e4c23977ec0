// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the bridge does when a real RabbitMQ or a real Kafka is killed under it, in both directions.
 *
 * <p>A start of RabbitMQ takes seconds of both processors of a small machine, so one kill serves a
 * route over a classic queue and its like over a quorum queue.
 */
@Tag("broker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(NoLeaks.class)
class BrokerDeathTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For each route: many times what it moves until the kill. */
  private static final int LOAD = 20_000;

  private Brokers brokers;
  private RabbitMessaging rabbit;

  @BeforeAll
  void startBrokers() {
    brokers = new Brokers();
  }

  @AfterAll
  void stopBrokers() {
    brokers.close();
  }

  @BeforeEach
  void openMessaging() {
    rabbit = brokers.openMessaging();
  }

  @AfterEach
  void closeMessaging() {
    rabbit.close();
  }

  @Test
  void killedRabbitMqLosesAndReordersNothingOfATopic() throws Exception {
    List<Lane> lanes = List.of(new TopicLane("classic"), new TopicLane("quorum"));
    killRabbitMqUnder(lanes);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void killedRabbitMqLosesAndReordersNothingOfAQueue(boolean effectivelyOnce) throws Exception {
    List<Lane> lanes =
        List.of(
            new QueueLane("classic", effectivelyOnce), new QueueLane("quorum", effectivelyOnce));
    killRabbitMqUnder(lanes);
  }

  private void killRabbitMqUnder(List<Lane> lanes) throws Exception {
    long declared = System.nanoTime();
    sendTo(lanes, LOAD);
    // RabbitMQ 3.10 forgets a younger quorum queue when it is killed.
    await().atMost(PATIENCE).until(() -> System.nanoTime() - declared > 5_000_000_000L);
    try (BridgeEngine bridge = start(lanes)) {
      awaitUnderLoad(bridge);
      brokers.rabbit.kill();
      await().atMost(PATIENCE).until(() -> areAll(bridge, ResourceState.RECOVERING));
      await().atMost(PATIENCE).until(() -> bridge.state() == ResourceState.RECOVERING);
      assertThat(bridge.health().isUp()).isFalse();
      assertUnderLoad(bridge, lanes);
      brokers.rabbit.restart();
      sendTo(lanes, 500);
      awaitMoved(bridge, lanes);
      for (int i = 0; i < lanes.size(); i++) {
        if (lanes.get(i) instanceof TopicLane) {
          assertThat(bridge.status().get(i).unknown())
              .as("%s: killed under load", lanes.get(i))
              .isPositive();
        }
      }
    }
    judge(lanes);
  }

  @Test
  void killedKafkaLosesAndReordersNothingOfATopic() throws Exception {
    killKafkaUnder(new TopicLane("quorum"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void killedKafkaLosesAndReordersNothingOfAQueue(boolean effectivelyOnce) throws Exception {
    killKafkaUnder(new QueueLane("quorum", effectivelyOnce));
  }

  /** A producer that has missed Kafka refuses each message after 5 s, until Kafka is back. */
  @Test
  void aMessageThatKafkaWasAwayForIsNotOvertakenByTheNext() throws Exception {
    Lane lane = new QueueLane("quorum", false);
    List<Lane> lanes = List.of(lane);
    sendTo(lanes, 10);
    try (BridgeEngine bridge = start(lanes)) {
      awaitMoved(bridge, lanes);
      brokers.kafka.kill();
      awaitNothingMoves(bridge, Duration.ofSeconds(2));
      sendTo(lanes, 500);
      awaitNothingMoves(bridge, Duration.ofSeconds(6));
      brokers.kafka.restart();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> bridge.status().get(0).confirmed() >= lane.total());
    }
    judge(lanes);
  }

  /** For as long as the fault is to last. */
  private static void awaitNothingMoves(BridgeEngine bridge, Duration outage) {
    long before = bridge.status().get(0).confirmed();
    await().pollDelay(outage).until(() -> bridge.status().get(0).confirmed() == before);
  }

  private void killKafkaUnder(Lane lane) throws Exception {
    List<Lane> lanes = List.of(lane);
    sendTo(lanes, LOAD);
    try (BridgeEngine bridge = start(lanes)) {
      awaitUnderLoad(bridge);
      brokers.kafka.kill();
      // What was fetched goes on to RabbitMQ; so now, and not when the death is noticed.
      assertUnderLoad(bridge, lanes);
      if (lane instanceof TopicLane) {
        await().atMost(PATIENCE).until(() -> bridge.state() == ResourceState.RECOVERING);
        assertThat(bridge.health().toJson()).contains("Kafka");
      }
      brokers.kafka.restart();
      sendTo(lanes, 500);
      awaitMoved(bridge, lanes);
    }
    judge(lanes);
  }

  private static boolean areAll(BridgeEngine bridge, ResourceState state) {
    return bridge.status().stream().allMatch(status -> status.state() == state);
  }

  /** Until every route is well at it. */
  private static void awaitUnderLoad(BridgeEngine bridge) {
    await()
        .atMost(PATIENCE)
        .until(() -> bridge.status().stream().allMatch(status -> status.confirmed() > 1_000));
  }

  private static void assertUnderLoad(BridgeEngine bridge, List<Lane> lanes) {
    for (int i = 0; i < lanes.size(); i++) {
      assertThat(bridge.status().get(i).confirmed())
          .as("%s: killed under load", lanes.get(i))
          .isLessThan(lanes.get(i).total());
    }
  }

  private static void awaitMoved(BridgeEngine bridge, List<Lane> lanes) {
    for (int i = 0; i < lanes.size(); i++) {
      int index = i;
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> lanes.get(index).isMoved(bridge.status().get(index)));
    }
    await().atMost(PATIENCE).until(() -> bridge.state() == ResourceState.OPEN);
  }

  private static void sendTo(List<Lane> lanes, int messages) throws Exception {
    for (Lane lane : lanes) {
      lane.send(messages);
    }
  }

  private static void judge(List<Lane> lanes) throws Exception {
    for (Lane lane : lanes) {
      lane.judge();
    }
  }

  private BridgeEngine start(List<Lane> lanes) {
    BridgeEngine.Builder builder =
        BridgeEngine.builder("test-bridge", rabbit, brokers.kafkaSettings());
    lanes.forEach(lane -> builder.route(lane.route()));
    BridgeEngine bridge = builder.build();
    bridge.start();
    return bridge;
  }

  /** A route and what is sent through it. */
  private abstract static class Lane {
    abstract Route route();

    abstract void send(int messages) throws Exception;

    abstract long total();

    abstract boolean isMoved(RouteStatus status) throws Exception;

    abstract void judge() throws Exception;
  }

  private final class TopicLane extends Lane {
    private static final int PARTITIONS = 4;

    private final String type;
    private final String topic = brokers.newTopic(PARTITIONS);
    private final String exchange = Brokers.fresh("exchange");
    private final String queue = Brokers.fresh("queue");
    private final Load load = new Load(topic, PARTITIONS);

    TopicLane(String type) throws Exception {
      this.type = type;
      brokers.declareQueue(exchange, queue, type);
    }

    @Override
    Route route() {
      return Route.fromTopic(topic).toExchange(exchange).named(topic);
    }

    @Override
    void send(int messages) throws Exception {
      load.send(brokers, messages / PARTITIONS);
    }

    @Override
    long total() {
      return load.total();
    }

    @Override
    boolean isMoved(RouteStatus status) {
      long committed = status.committedOffsets().values().stream().mapToLong(Long::longValue).sum();
      return status.confirmed() >= total() && committed == total();
    }

    @Override
    void judge() throws Exception {
      load.judge(brokers.drain(queue));
    }

    @Override
    public String toString() {
      return "topic to " + type + " queue";
    }
  }

  private final class QueueLane extends Lane {
    private final String type;
    private final boolean effectivelyOnce;
    private final String topic = brokers.newTopic(4);
    private final String queue = Brokers.fresh("queue");
    private final QueueLoad load = new QueueLoad(queue);

    QueueLane(String type, boolean effectivelyOnce) throws Exception {
      this.type = type;
      this.effectivelyOnce = effectivelyOnce;
      brokers.declareOrderedQueue(queue, type);
    }

    @Override
    Route route() {
      Route route = Route.fromQueue(queue).toTopic(topic).named(queue);
      return effectivelyOnce ? route.effectivelyOnce() : route;
    }

    @Override
    void send(int messages) throws Exception {
      load.send(brokers, messages);
    }

    @Override
    long total() {
      return load.total();
    }

    /** Nothing in the queue, neither ready nor delivered; a passive count knows only the ready. */
    @Override
    boolean isMoved(RouteStatus status) throws Exception {
      return brokers.depth(queue) == 0
          && status.count(RouteCounter.TAKEN) > 0
          && status.inFlight() + status.waiting() == 0
          && status.state() == ResourceState.OPEN;
    }

    @Override
    void judge() throws Exception {
      Verdict verdict = load.judge(brokers.read(topic));
      if (effectivelyOnce) {
        assertThat(verdict.duplicated()).as("%s: %s", this, verdict).isZero();
      }
    }

    @Override
    public String toString() {
      return type + " queue to topic" + (effectivelyOnce ? ", effectively once" : "");
    }
  }
}
