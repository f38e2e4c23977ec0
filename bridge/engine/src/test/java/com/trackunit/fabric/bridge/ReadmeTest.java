// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.messaging.RabbitMessaging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The five lines of the README, compiled and run. */
class ReadmeTest {
  private static final Path MODULE =
      Path.of(Objects.requireNonNull(System.getProperty("fabric.root")), "bridge/engine");

  @Test
  void theFiveLinesAreThoseThatAreCompiledHere() throws IOException {
    String readme = Files.readString(MODULE.resolve("README.md"));
    int from = readme.indexOf("```java\n") + 8;
    String shown = readme.substring(from, readme.indexOf("```", from));
    String here =
        Files.readString(
            MODULE.resolve("src/test/java/com/trackunit/fabric/bridge/ReadmeTest.java"));

    assertThat(code(here)).contains(code(shown));
  }

  @Test
  @Tag("broker")
  void theyMoveARecord() throws Exception {
    try (Brokers brokers = new Brokers();
        RabbitMessaging rabbit = brokers.openMessaging()) {
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

  /** Without white space and comments. */
  private static String code(String text) {
    return text.replaceAll("//[^\n]*", "").replaceAll("\\s+", "");
  }
}
