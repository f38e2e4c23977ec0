// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.chaos.NumberedMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a ledger of what is committed in a topic, from its beginning on. */
final class TopicReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TopicReader.class);

  private final String topic;
  private final Ledger ledger;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;

  /** Begins to read. */
  TopicReader(String bootstrapServers, String topic, Ledger ledger) {
    this.topic = topic;
    this.ledger = ledger;
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest",
                "reconnect.backoff.max.ms",
                1_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    this.thread = FabricThreads.named("bridge", "chaos-reader").newThread(this::read);
    thread.start();
  }

  private void read() {
    List<TopicPartition> partitions =
        IntStream.range(0, Site.PARTITIONS).mapToObj(n -> new TopicPartition(topic, n)).toList();
    try (consumer) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          NumberedMessage.seen(ledger, record.value());
        }
      }
    } catch (WakeupException e) {
      log.debug("no longer read: {}", topic);
    } catch (KafkaException e) {
      log.error("the reader of {} has ended: what comes is not seen", topic, e);
    }
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
