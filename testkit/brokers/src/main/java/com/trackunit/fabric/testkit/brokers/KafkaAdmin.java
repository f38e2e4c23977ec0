// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.net.Socket;
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
import org.apache.kafka.common.errors.RetriableException;

/** What a node asks of its broker; a client per question, so that no thread stays behind. */
final class KafkaAdmin {
  private static final Duration PROBE_BOUND = Duration.ofSeconds(5);
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final int port;
  private final String bootstrapServers;

  KafkaAdmin(int port) {
    this.port = port;
    this.bootstrapServers = Loopback.HOST + ":" + port;
  }

  /** Whether the broker serves clients: it listens, and counts itself among the living. */
  boolean answers() {
    // Without this, Kafka's client would warn of every refused connection.
    try (Socket socket = new Socket()) {
      socket.connect(Loopback.at(port), (int) PROBE_BOUND.toMillis());
    } catch (IOException notYet) {
      return false;
    }
    try (Admin admin = open(PROBE_BOUND)) {
      return !admin
          .describeCluster()
          .nodes()
          .get(PROBE_BOUND.toMillis(), TimeUnit.MILLISECONDS)
          .isEmpty();
    } catch (ExecutionException | TimeoutException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Creates a topic and waits until the broker, which learns of it later, knows it. */
  void createTopic(String name, int partitions, Map<String, String> config) {
    NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.of((short) 1));
    try (Admin admin = open(BOUND)) {
      admin
          .createTopics(List.of(topic.configs(config)))
          .all()
          .get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
      while (!knows(admin, name)) {
        Thread.onSpinWait();
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new TestkitException(
          "create topic " + name + " at " + bootstrapServers + ": " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TestkitException("create topic " + name + ": interrupted", e);
    }
  }

  private static boolean knows(Admin admin, String topic)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get(BOUND.toMillis(), TimeUnit.MILLISECONDS)
          .values()
          .stream()
          .allMatch(found -> found.partitions().stream().allMatch(one -> one.leader() != null));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return false;
      }
      throw e;
    }
  }

  private Admin open(Duration bound) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            (int) bound.toMillis(),
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            (int) bound.toMillis()));
  }
}
