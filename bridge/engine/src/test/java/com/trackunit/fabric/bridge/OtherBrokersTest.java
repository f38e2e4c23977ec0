// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.RedpandaStandIn;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Both directions, effectively once where that is offered, on other brokers than the usual one. */
@Tag("broker")
@ExtendWith(NoLeaks.class)
class OtherBrokersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static RabbitMqNode rabbitMq;

  @BeforeAll
  static void startRabbitMq() {
    rabbitMq = RabbitMqNode.start();
  }

  @AfterAll
  static void closeRabbitMq() {
    rabbitMq.close();
  }

  @Test
  void kafka39MovesBothWays() throws Exception {
    try (KafkaNode kafka = KafkaNode.builder().version("3.9.2").start()) {
      movesBothWays(new Brokers(kafka, rabbitMq));
    }
  }

  @Test
  void redpandasVersionsMoveBothWays() throws Exception {
    try (RedpandaStandIn redpanda = RedpandaStandIn.start()) {
      movesBothWays(new Brokers(redpanda.node(), rabbitMq));
    }
  }

  private static void movesBothWays(Brokers brokers) throws Exception {
    String in = brokers.newTopic(2);
    String out = brokers.newTopic(2);
    String exchange = Brokers.fresh("exchange");
    String sink = Brokers.fresh("sink");
    String queue = Brokers.fresh("queue");
    brokers.declareQueue(exchange, sink, "quorum");
    brokers.declareOrderedQueue(queue, "quorum");
    Load down = new Load(in, 2);
    down.send(brokers, 200);
    QueueLoad up = new QueueLoad(queue);
    up.send(brokers, 500);
    try (RabbitMessaging rabbit = brokers.openMessaging();
        BridgeEngine bridge =
            BridgeEngine.builder(Brokers.fresh("bridge"), rabbit, brokers.kafkaSettings())
                .route(Route.fromTopic(in).toExchange(exchange))
                .route(Route.fromQueue(queue).toTopic(out).effectivelyOnce())
                .build()) {
      bridge.start();
      await().atMost(PATIENCE).until(() -> bridge.status().get(0).confirmed() == down.total());
      await().atMost(PATIENCE).until(() -> bridge.status().get(1).confirmed() == up.total());
    }
    assertThat(down.judge(brokers.drain(sink)).duplicated()).isZero();
    // Without the newer transactions a commit is answered before its marker is in the topic.
    await().atMost(PATIENCE).until(() -> brokers.read(out).size() >= up.total());
    assertThat(up.judge(brokers.read(out)).duplicated()).isZero();
  }
}
