// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** How a process of the run reaches the two brokers, and what each way is called. */
record Site(String host, int port, String user, Secret password, String kafka) {
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
    return Map.of(
        "CHAOS_HOST", host,
        "CHAOS_PORT", String.valueOf(port),
        "CHAOS_USER", user,
        "CHAOS_PASSWORD", password.reveal(),
        "CHAOS_KAFKA", kafka);
  }

  static Site ofEnvironment() {
    return new Site(
        variable("CHAOS_HOST"),
        Integer.parseInt(variable("CHAOS_PORT")),
        variable("CHAOS_USER"),
        Secret.of(variable("CHAOS_PASSWORD")),
        variable("CHAOS_KAFKA"));
  }

  private static String variable(String name) {
    return Objects.requireNonNull(System.getenv(name), name);
  }

  RabbitSettings settings(String connectionName) {
    return RabbitSettings.builder(host, user, password)
        .port(port)
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

  /** What a program without our messaging uses, as it is commonly set up. */
  ConnectionFactory rawClient() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setUsername(user);
    factory.setPassword(password.reveal());
    factory.setRequestedHeartbeat(1);
    factory.setNetworkRecoveryInterval(500);
    return factory;
  }
}
