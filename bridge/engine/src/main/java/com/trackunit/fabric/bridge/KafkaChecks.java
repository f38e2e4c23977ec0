// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/** What would lose messages of a route, looked for on the Kafka side. Blocking. */
final class KafkaChecks implements AutoCloseable {
  private static final Duration CALL_BUDGET = Duration.ofSeconds(10);

  /** Kafka's answer where no record is as young as asked for. */
  private static final long NONE = -1;

  private final Admin admin;
  private final Clock clock;
  private final List<String> warnings = new ArrayList<>();

  KafkaChecks(Map<String, Object> clientConfig, Clock clock) {
    this.admin = Admin.create(clientConfig);
    this.clock = clock;
  }

  /**
   * Looks at a route's topics.
   *
   * @param group of a route from topics; null for a route to one
   * @return what may lose messages
   */
  List<String> warnings(Collection<String> topics, @Nullable String group)
      throws ExecutionException, TimeoutException, InterruptedException {
    broker();
    for (String topic : topics) {
      topic(topic, group);
    }
    return List.copyOf(warnings);
  }

  private void broker() throws ExecutionException, TimeoutException, InterruptedException {
    int node = get(admin.describeCluster().nodes()).stream().findFirst().orElseThrow().id();
    Config config = config(new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(node)));
    if ("true".equals(value(config, "auto.create.topics.enable"))) {
      warnings.add(
          "Kafka creates topics by itself (auto.create.topics.enable): a name with a mistake in it"
              + " becomes a topic that nobody reads");
    }
    if ("true".equals(value(config, "unclean.leader.election.enable"))) {
      warnings.add("Kafka elects unclean leaders: what it had acknowledged may be gone");
    }
  }

  private void topic(String topic, @Nullable String group)
      throws ExecutionException, TimeoutException, InterruptedException {
    Config config = config(new ConfigResource(ConfigResource.Type.TOPIC, topic));
    if (group == null) {
      target(topic, config);
    } else {
      String retention = value(config, "retention.ms");
      String cleanup = value(config, "cleanup.policy");
      if (retention != null && cleanup != null && cleanup.contains("delete")) {
        lag(topic, group, Long.parseLong(retention));
      }
    }
  }

  private void target(String topic, Config config)
      throws ExecutionException, TimeoutException, InterruptedException {
    int replicas =
        get(admin.describeTopics(List.of(topic)).topicNameValues().get(topic)).partitions().stream()
            .mapToInt(partition -> partition.replicas().size())
            .min()
            .orElse(0);
    warnings.addAll(ofTarget(topic, config, replicas));
  }

  /**
   * Judges a topic that a route goes to.
   *
   * @param replicas of its partition that has the fewest
   */
  static List<String> ofTarget(String topic, Config config, int replicas) {
    List<String> warnings = new ArrayList<>();
    String caching = value(config, "write.caching");
    if ("true".equals(caching) || "on".equals(caching)) {
      warnings.add(
          "topic '" + topic + "' has write.caching: an acknowledged message is in memory alone");
    }
    String inSync = value(config, "min.insync.replicas");
    if (replicas > 1 && "1".equals(inSync)) {
      warnings.add(
          "topic '"
              + topic
              + "' has min.insync.replicas=1 with "
              + replicas
              + " replicas: acks=all may be the word of one broker");
    }
    return warnings;
  }

  /** Warns when what the group has to read next is older than half of what is kept. */
  private void lag(String topic, String group, long retentionMillis)
      throws ExecutionException, TimeoutException, InterruptedException {
    if (retentionMillis < 0) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> committed =
        new HashMap<>(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
    committed.keySet().removeIf(partition -> !partition.topic().equals(topic));
    long half = clock.millis() - retentionMillis / 2;
    Map<TopicPartition, Long> firstYoung =
        offsets(committed.keySet(), OffsetSpec.forTimestamp(half));
    Map<TopicPartition, Long> end = offsets(committed.keySet(), OffsetSpec.latest());
    committed.forEach(
        (partition, next) -> {
          long young = firstYoung.getOrDefault(partition, NONE);
          long oldUntil = young == NONE ? end.getOrDefault(partition, 0L) : young;
          if (next != null && oldUntil > next.offset()) {
            warnings.add(
                "partition "
                    + partition
                    + " is read so late that half of its retention ("
                    + Duration.ofMillis(retentionMillis)
                    + ") has passed: Kafka will delete what was not moved");
          }
        });
  }

  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, spec));
    Map<TopicPartition, Long> found = new HashMap<>();
    get(admin.listOffsets(wanted).all())
        .forEach((partition, result) -> found.put(partition, result.offset()));
    return found;
  }

  private Config config(ConfigResource resource)
      throws ExecutionException, TimeoutException, InterruptedException {
    return get(admin.describeConfigs(List.of(resource)).values().get(resource));
  }

  private static @Nullable String value(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null ? null : entry.value();
  }

  private static <T> T get(@Nullable KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return Objects.requireNonNull(future).get(CALL_BUDGET.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
