// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Where the brokers are, and what every arm's clients have in common. */
public record Site(String host, int port, String user, Secret password, String kafka) {
  private static final String MINUTES = "600000";

  static Site of(RabbitMqNode rabbit, KafkaNode kafka) {
    return new Site(
        rabbit.host(), rabbit.port(), rabbit.user(), rabbit.password(), kafka.bootstrapServers());
  }

  RabbitSettings settings() {
    return RabbitSettings.builder(host, user, password).port(port).build();
  }

  /** Without recovery. */
  public ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setUsername(user);
    factory.setPassword(password.reveal());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }

  /** As the engine's: acks=all, idempotent, the same batches. */
  public Map<String, Object> producer() {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L * Cell.WINDOW_BYTES);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, MINUTES);
    return config;
  }

  /** As the engine's: from the beginning, read_committed, committed by hand. */
  public Map<String, Object> consumer(String group) {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return config;
  }
}
