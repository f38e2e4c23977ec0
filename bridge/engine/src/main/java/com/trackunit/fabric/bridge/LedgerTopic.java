// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Deadline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The ledger of a route: a compacted topic with one partition, in which each committed message has
 * a slot, written in the message's own transaction. Slots are used round and round: it remembers a
 * number of messages, however old they are. Blocking; not thread-safe.
 */
final class LedgerTopic {
  private static final Duration CALL_BUDGET = Duration.ofSeconds(10);
  private static final Duration READ_BUDGET = Duration.ofSeconds(30);
  private static final int VALUE_BYTES = 3 * Long.BYTES;

  private final String name;
  private final long capacity;
  private final Map<String, Object> clientConfig;

  LedgerTopic(String name, long capacity, Map<String, Object> clientConfig) {
    this.name = name;
    this.capacity = capacity;
    this.clientConfig = clientConfig;
  }

  /** The entry of one message. */
  ProducerRecord<byte[], byte[]> entry(long number, Fingerprint fingerprint) {
    byte[] slot = ByteBuffer.allocate(Long.BYTES).putLong(number % capacity).array();
    byte[] value =
        ByteBuffer.allocate(VALUE_BYTES)
            .putLong(number)
            .putLong(fingerprint.high())
            .putLong(fingerprint.low())
            .array();
    return new ProducerRecord<>(name, 0, slot, value);
  }

  /** Creates it where it is missing. */
  void create() throws InterruptedException {
    NewTopic topic =
        new NewTopic(name, Optional.of(1), Optional.empty())
            .configs(
                Map.of(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TopicConfig.CLEANUP_POLICY_COMPACT,
                    TopicConfig.SEGMENT_BYTES_CONFIG,
                    String.valueOf(8 * 1024 * 1024),
                    TopicConfig.SEGMENT_MS_CONFIG,
                    String.valueOf(Duration.ofHours(1).toMillis()),
                    TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                    "0.1"));
    try (Admin admin = Admin.create(clientConfig)) {
      admin.createTopics(List.of(topic)).all().get(CALL_BUDGET.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException("ledger " + name + " cannot be created", e.getCause());
      }
    } catch (java.util.concurrent.TimeoutException e) {
      throw new KafkaException("ledger " + name + ": Kafka does not answer", e);
    }
  }

  /**
   * Reads what is committed, up to the end as it is now: call it after initTransactions, when no
   * other producer can add to it.
   */
  LedgerSnapshot read(Map<String, Object> consumerConfig, Deadline closeBy)
      throws InterruptedException {
    TopicPartition partition = new TopicPartition(name, 0);
    long end = highWatermark(partition);
    Map<Long, Fingerprint> byNumber = new HashMap<>();
    long deadline = System.nanoTime() + READ_BUDGET.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            consumerConfig, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition, CALL_BUDGET) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          remember(record, byNumber);
        }
        if (System.nanoTime() - deadline > 0 || closeBy.hasPassed()) {
          throw new KafkaException("ledger " + name + ": its end was not reached in time");
        }
      }
    }
    return LedgerSnapshot.of(capacity, byNumber);
  }

  private void remember(ConsumerRecord<byte[], byte[]> record, Map<Long, Fingerprint> byNumber) {
    byte[] value = record.value();
    if (value == null || value.length != VALUE_BYTES) {
      throw new KafkaException(
          "ledger " + name + ": what is at offset " + record.offset() + " is no entry");
    }
    ByteBuffer entry = ByteBuffer.wrap(value);
    long number = entry.getLong();
    byNumber.put(number, new Fingerprint(entry.getLong(), entry.getLong()));
    byNumber.remove(number - capacity); // the slot's entry before
  }

  private long highWatermark(TopicPartition partition) throws InterruptedException {
    try (Admin admin = Admin.create(clientConfig)) {
      return admin
          .listOffsets(
              Map.of(partition, OffsetSpec.latest()),
              new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
          .partitionResult(partition)
          .get(CALL_BUDGET.toSeconds(), TimeUnit.SECONDS)
          .offset();
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new KafkaException("ledger " + name + ": its end is not known: " + e, e);
    }
  }
}
