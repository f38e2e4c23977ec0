// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** The two topics as the system has them: created on purpose, never by accident. */
final class KafkaTopics {
  private static final int PARTITIONS = 4;
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private KafkaTopics() {}

  /** Creates what is missing; waits for the brokers up to 30 seconds. */
  static void ensure(String brokers, String clientId) {
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            brokers,
            AdminClientConfig.CLIENT_ID_CONFIG,
            clientId + "-topics",
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            (int) PATIENCE.toMillis());
    try (Admin admin = Admin.create(settings)) {
      for (KafkaFuture<Void> created :
          admin
              .createTopics(
                  List.of(
                      topic(Wire.Topics.IMAGES_UPLOADED), topic(Wire.Topics.RECOGNITION_COMPLETED)))
              .values()
              .values()) {
        await(created, brokers);
      }
    }
  }

  private static NewTopic topic(String name) {
    return new NewTopic(name, Optional.of(PARTITIONS), Optional.empty())
        .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(RETENTION.toMillis())));
  }

  private static void await(KafkaFuture<Void> created, String brokers) {
    try {
      created.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw unavailable(brokers, e);
      }
    } catch (TimeoutException e) {
      throw unavailable(brokers, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(brokers, e);
    }
  }

  private static IllegalStateException unavailable(String brokers, Exception e) {
    return new IllegalStateException(
        "topics at " + brokers + ": could not be created; check KAFKA_BROKERS", e);
  }
}
