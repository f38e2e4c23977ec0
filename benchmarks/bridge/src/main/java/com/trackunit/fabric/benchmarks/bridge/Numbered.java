// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.trackunit.fabric.testkit.brokers.Ledger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Messages that a ledger can tell apart: a body begins with its key and its place in the order of
 * that key, which is also its id. All are confirmed before anybody moves them.
 */
record Numbered(int bytes, int messages, Ledger ledger) {
  private static final int KEYS = 64;
  private static final int CONFIRM_EVERY = 1000;
  private static final long CONFIRM_MILLIS = 60_000;

  void fillQueue(Channel channel, String queue) throws Exception {
    for (int i = 0; i < messages; i++) {
      channel.basicPublish(
          queue,
          Lab.key(i),
          MessageProperties.PERSISTENT_BASIC.builder().messageId(id(i)).build(),
          sent(i));
      if (i % CONFIRM_EVERY == CONFIRM_EVERY - 1) {
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
      }
    }
    channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
    confirmed();
  }

  void fillTopic(Site site, String topic) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            site.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < messages; i++) {
        byte[] key = Lab.key(i).getBytes(StandardCharsets.UTF_8);
        var unusedAsFlushed = producer.send(new ProducerRecord<>(topic, key, sent(i)));
      }
      producer.flush();
    }
    confirmed();
  }

  private byte[] sent(int index) {
    ledger.sent(id(index), Lab.key(index), index / KEYS);
    return Arrays.copyOf(id(index).getBytes(StandardCharsets.UTF_8), bytes);
  }

  private void confirmed() {
    for (int i = 0; i < messages; i++) {
      ledger.outcome(id(i), Ledger.Outcome.CONFIRMED);
    }
  }

  private static String id(int index) {
    return Lab.key(index) + "/" + index / KEYS;
  }

  /** Empties the queue. */
  static void readQueue(Connection connection, String queue, Ledger ledger) throws Exception {
    try (Channel channel = connection.createChannel()) {
      GetResponse message;
      while ((message = channel.basicGet(queue, true)) != null) {
        seen(message.getBody(), ledger);
      }
    }
  }

  /** What is committed, from the beginning. */
  static void readTopic(Site site, Flow flow, Ledger ledger) {
    List<TopicPartition> partitions =
        IntStream.range(0, flow.cell().partitions())
            .mapToObj(n -> new TopicPartition(flow.topic(), n))
            .toList();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            site.consumer("judge"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(it -> consumer.position(it.getKey()) < it.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          seen(record.value(), ledger);
        }
      }
    }
  }

  private static void seen(byte[] body, Ledger ledger) {
    int end = 0;
    while (end < body.length && body[end] != 0) {
      end++;
    }
    String id = new String(body, 0, end, StandardCharsets.UTF_8);
    int slash = id.indexOf('/');
    ledger.seen(id, id.substring(0, slash), Long.parseLong(id.substring(slash + 1)));
  }
}
