// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Kafka's own consumer group under a trace. Its members have one instance id, so that the next one
 * takes the partition over at once, whether the one before knows it or not.
 */
final class RealGroup implements TracedBroker {
  private final Brokers brokers;
  private final String topic;
  private final TopicPartition partition;
  private final Map<String, KafkaConsumer<byte[], byte[]>> members = new HashMap<>();

  RealGroup(Brokers brokers) {
    this.brokers = brokers;
    this.topic = brokers.newTopic(1);
    this.partition = new TopicPartition(topic, 0);
  }

  @Override
  public List<String> does(List<String> words, List<String> expected) throws Exception {
    if (words.get(0).equals("committed")) {
      return List.of("committed " + offset(brokers.committed(topic)));
    }
    String name = words.get(1);
    if (words.get(0).equals("assign") || words.get(0).equals("take-over")) {
      KafkaConsumer<byte[], byte[]> member = join();
      members.put(name, member);
      return List.of(name + " from " + offset(member.committed(Set.of(partition))));
    }
    KafkaConsumer<byte[], byte[]> member = Objects.requireNonNull(members.get(name));
    if (words.get(0).equals("revoke")) {
      member.close();
      return List.of();
    }
    try {
      member.commitSync(Map.of(partition, new OffsetAndMetadata(Long.parseLong(words.get(2)))));
      return List.of(name + " committed");
    } catch (FencedInstanceIdException | CommitFailedException e) {
      return List.of(name + " refused");
    }
  }

  private long offset(Map<TopicPartition, OffsetAndMetadata> committed) {
    OffsetAndMetadata offset = committed.get(partition);
    return offset == null ? 0 : offset.offset();
  }

  private KafkaConsumer<byte[], byte[]> join() {
    Map<String, Object> config =
        new HashMap<>(brokers.kafkaSettings().consumerConfig(topic, "traced"));
    config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "one");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    KafkaConsumer<byte[], byte[]> member =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    member.subscribe(List.of(topic));
    while (member.assignment().isEmpty()) {
      member.poll(Duration.ofMillis(50));
    }
    return member;
  }

  @Override
  public void close() {
    members.values().forEach(KafkaConsumer::close);
  }
}
