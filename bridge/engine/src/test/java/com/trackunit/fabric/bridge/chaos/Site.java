// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** How a process of the run reaches the two brokers, and what each way is called. */
record Site(RabbitAccess rabbit, String kafka) {
  /** Topic to exchange. */
  static final String DOWN = "to-rabbit";

  /** Queue to topic, at least once. */
  static final String UP = "to-kafka";

  /** Queue to topic, effectively once. */
  static final String ONCE = "to-kafka-once";

  /** Topic to exchange, by a program that makes the usual mistakes. */
  static final String NAIVE_DOWN = "naive-to-rabbit";

  /** Queue to topic, by a program that makes the usual mistakes. */
  static final String NAIVE_UP = "naive-to-kafka";

  static final int PARTITIONS = 4;

  static final String BRIDGE = "chaos";

  /** The consumer group of the way down. */
  static final String DOWN_GROUP = BRIDGE + "." + Route.fromTopic(DOWN).toExchange(DOWN).name();

  private static final String KAFKA = "CHAOS_KAFKA";
  private static final int NO_MATTER_HOW_OFTEN = 1_000_000;

  /** Exchange and queue of a way have its name. */
  static void declare(RabbitMessaging rabbit, String way) {
    boolean isNaive = way.equals(NAIVE_DOWN) || way.equals(NAIVE_UP);
    rabbit.apply(
        Topology.builder()
            .fanout(way)
            .queue(
                way,
                queue -> {
                  if (isNaive) {
                    queue.classic();
                  } else {
                    queue.deliveryLimit(NO_MATTER_HOW_OFTEN).singleActiveConsumer();
                  }
                })
            .bind(way, way)
            .build());
  }

  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(rabbit.environment());
    environment.put(KAFKA, kafka);
    return environment;
  }

  static Site ofEnvironment() {
    return new Site(RabbitAccess.ofEnvironment(), RabbitAccess.variable(KAFKA));
  }

  /** Impatient, as nothing here is far away. */
  RabbitSettings settings(String connectionName) {
    return RabbitSettings.builder(rabbit.host(), rabbit.user(), rabbit.password())
        .port(rabbit.port())
        .connectionName(connectionName)
        .openTimeout(Duration.ofMinutes(1))
        .heartbeat(Duration.ofSeconds(1))
        .rpcTimeout(Duration.ofSeconds(5))
        .connectTimeout(Duration.ofSeconds(5))
        .writeTimeout(Duration.ofSeconds(2))
        .build();
  }

  KafkaSettings kafkaSettings() {
    return KafkaSettings.builder(kafka).clientId("chaos").build();
  }
}
