// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Where messages arrive, seen from outside: what a broker says that it has. */
interface Sink extends AutoCloseable {
  /** How many are there, the marks of transactions included. */
  long count() throws IOException;

  /** What came between two counts. */
  Moved moved(long from, long to);

  /**
   * What came.
   *
   * @param messages without the marks of transactions
   * @param transactions how many there were at least: each of them marks a partition it wrote to
   *     once; 0 where there are none
   */
  record Moved(long messages, long transactions) {}

  @Override
  void close();

  /** A queue that nobody consumes. */
  record OfQueue(Channel channel, String queue) implements Sink {
    @Override
    public long count() throws IOException {
      return channel.messageCount(queue);
    }

    @Override
    public Moved moved(long from, long to) {
      return new Moved(to - from, 0);
    }

    @Override
    public void close() {}
  }

  /** A topic, as a reader of what is committed sees it. */
  final class OfTopic implements Sink {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<Long, Map<TopicPartition, Long>> ends = new HashMap<>();

    OfTopic(Site site, Flow flow) {
      consumer =
          new KafkaConsumer<>(
              site.consumer("sink"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      partitions =
          IntStream.range(0, flow.cell().partitions())
              .mapToObj(n -> new TopicPartition(flow.topic(), n))
              .toList();
    }

    @Override
    public long count() {
      Map<TopicPartition, Long> now = consumer.endOffsets(partitions);
      long sum = now.values().stream().mapToLong(Long::longValue).sum();
      ends.put(sum, now);
      return sum;
    }

    @Override
    public Moved moved(long from, long to) {
      Map<TopicPartition, Long> since = ends.getOrDefault(from, Map.of());
      Map<TopicPartition, Long> until = ends.getOrDefault(to, Map.of());
      consumer.assign(partitions);
      since.forEach(consumer::seek);
      Map<TopicPartition, Long> messages = new HashMap<>();
      while (partitions.stream().anyMatch(it -> consumer.position(it) < end(until, it))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          if (record.offset() < end(until, partition)) {
            messages.merge(partition, 1L, Long::sum);
          }
        }
      }
      long sum = messages.values().stream().mapToLong(Long::longValue).sum();
      long marks =
          partitions.stream()
              .mapToLong(it -> end(until, it) - end(since, it) - end(messages, it))
              .max()
              .orElse(0);
      return new Moved(sum, marks);
    }

    private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
      return ends.getOrDefault(partition, 0L);
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
