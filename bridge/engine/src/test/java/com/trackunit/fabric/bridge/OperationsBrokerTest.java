// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator does and sees: checks at the start, drain, status, meters. */
@Tag("broker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({NoLeaks.class, SharedBrokers.class})
class OperationsBrokerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Brokers brokers;
  private RabbitMessaging rabbit;

  @BeforeAll
  void useBrokers(Brokers shared) {
    brokers = shared;
    rabbit = brokers.openMessaging();
  }

  @AfterAll
  void closeMessaging() {
    rabbit.close();
  }

  @Test
  void effectivelyOnceDoesNotStartOnAQueueThatSeveralMayRead() throws Exception {
    String queue = Brokers.fresh("queue");
    brokers.withChannel(
        channel ->
            channel.queueDeclare(
                queue, true, false, false, Map.of("x-queue-type", "quorum", "x-max-length", 7)));
    Route route = Route.fromQueue(queue).toTopic(brokers.newTopic(1)).effectivelyOnce();
    try (BridgeEngine bridge = bridge(route, new SimpleMeterRegistry())) {
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).lastError().isPresent());

      RouteException refusal = bridge.status().get(0).lastError().orElseThrow();
      assertThat(refusal.kind()).isEqualTo(RouteException.Kind.UNSUITABLE);
      assertThat(bridge.health().isUp()).isFalse();
      assertThat(bridge.state()).isNotEqualTo(ResourceState.OPEN);
    }
  }

  @Test
  void aQueueIsReadAsItWasDeclared() throws Exception {
    String queue = Brokers.fresh("queue");
    Map<String, Object> declared =
        Map.of(
            "x-queue-type", "quorum",
            "x-single-active-consumer", true,
            "x-delivery-limit", 5,
            "x-dead-letter-exchange", "",
            "x-dead-letter-routing-key", "dead");
    brokers.withChannel(channel -> channel.queueDeclare(queue, true, false, false, declared));

    Map<String, Object> read = QueueInspection.arguments(rabbit, queue).orElseThrow();

    declared.forEach((name, value) -> assertThat(read.get(name)).hasToString(value.toString()));
    assertThat(QueueInspection.arguments(rabbit, "nobody.declared.this")).isEmpty();
  }

  @Test
  void aDrainedRouteHasMovedWhatItHadAndTakesNoMoreUntilItIsResumed() throws Exception {
    String queue = Brokers.fresh("queue");
    brokers.declareOrderedQueue(queue, "quorum");
    QueueLoad load = new QueueLoad(queue);
    load.send(brokers, 2_000);
    MeterRegistry meters = new SimpleMeterRegistry();
    Route route = Route.fromQueue(queue).toTopic(brokers.newTopic(1));
    try (BridgeEngine bridge = bridge(route, meters)) {
      await().atMost(PATIENCE).until(() -> confirmed(bridge) > 0);

      assertThat(bridge.drain(route.name(), PATIENCE)).isTrue();

      assertThat(bridge.status().get(0).inFlight()).isZero();
      long moved = confirmed(bridge);
      load.send(brokers, 100);
      assertThat(confirmed(bridge)).isEqualTo(moved);
      bridge.resume(route.name());
      await().atMost(PATIENCE).until(() -> confirmed(bridge) == load.total());
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).perSecond() > 0);
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).oldestAge().isZero());
      assertThat(meters.get("fabric.bridge.lag").gauge().value()).isZero();
      assertThat(
              meters
                  .get("fabric.bridge.messages")
                  .tag("what", "confirmed")
                  .functionCounter()
                  .count())
          .isEqualTo(load.total());
      assertThat(bridge.status().get(0).warnings())
          .anySatisfy(warning -> assertThat(warning).contains("dead-letter exchange"));
    }
  }

  @Test
  void aTopicReadTooLateAndAStandstillAreSeen() throws Exception {
    String topic = brokers.newTopic(1);
    Load load = new Load(topic, 1);
    load.send(brokers, 50);
    Route route = Route.fromTopic(topic).toExchange("nobody.declared." + topic);
    try (BridgeEngine bridge = bridge(route, new SimpleMeterRegistry())) {
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).lag() == 50);
      await().atMost(PATIENCE).until(() -> !bridge.status().get(0).oldestAge().isZero());
      // A record has an age before RabbitMQ's refusal of it is known.
      await()
          .atMost(PATIENCE)
          .until(() -> bridge.status().get(0).lastError().isPresent() && !bridge.health().isUp());
    }
  }

  @Test
  void severalWorkersShareThePartitionsAndKeepTheirOrder() throws Exception {
    String topic = brokers.newTopic(4);
    String exchange = Brokers.fresh("exchange");
    String queue = Brokers.fresh("queue");
    brokers.declareQueue(exchange, queue, "quorum");
    Load load = new Load(topic, 4);
    load.send(brokers, 300);
    Route route = Route.fromTopic(topic).toExchange(exchange).concurrency(2);
    MeterRegistry meters = new SimpleMeterRegistry();
    try (BridgeEngine bridge = bridge(route, meters)) {
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  meters
                          .get("fabric.bridge.messages")
                          .tag("what", "confirmed")
                          .functionCounter()
                          .count()
                      >= load.total());
      assertThat(bridge.status()).hasSize(2);
      assertThat(bridge.drain(route.name(), PATIENCE)).isTrue();
    }
    load.judge(brokers.drain(queue));
  }

  private BridgeEngine bridge(Route route, MeterRegistry meters) {
    BridgeEngine bridge =
        BridgeEngine.builder(Brokers.fresh("bridge"), rabbit, brokers.kafkaSettings())
            .route(route)
            .meterRegistry(meters)
            .build();
    bridge.start();
    return bridge;
  }

  private static long confirmed(BridgeEngine bridge) {
    return bridge.status().get(0).confirmed();
  }
}
