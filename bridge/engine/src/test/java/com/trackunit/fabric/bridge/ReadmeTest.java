// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.messaging.RabbitMessaging;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
@ExtendWith(SharedBrokers.class)
class ReadmeTest {
  @Test
  @Tag("broker")
  void theyMoveARecord(Brokers brokers) throws Exception {
    try (RabbitMessaging rabbit = brokers.openMessaging()) {
      brokers.kafka.createTopic("tu.images.uploaded", 4, Map.of());
      brokers.declareQueue("tu.image.uploaded", "queue", "quorum");
      brokers.send(List.of(new ProducerRecord<>("tu.images.uploaded", new byte[] {1})));

      useThem(rabbit, brokers.kafka.bootstrapServers(), brokers);
    }
  }

  private static void useThem(RabbitMessaging rabbit, String bootstrapServers, Brokers brokers) {
    BridgeEngine bridge =
        BridgeEngine.builder("photos", rabbit, KafkaSettings.builder(bootstrapServers).build())
            .route(Route.fromTopic("tu.images.uploaded").toExchange("tu.image.uploaded"))
            .build();
    bridge.start();
    await().atMost(Duration.ofSeconds(60)).until(() -> brokers.depth("queue") == 1);
    Health health = bridge.health(); // why a record does not get through, by route
    bridge.close();
    assertThat(health.name()).isEqualTo("bridge photos");
  }
}
