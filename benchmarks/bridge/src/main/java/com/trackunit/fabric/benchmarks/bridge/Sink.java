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

  /** How many messages came between the count when it was made and the last count. */
  long messages(long from, long to);

  @Override
  void close();

  /** A queue that nobody consumes. */
  record OfQueue(Channel channel, String queue) implements Sink {
    @Override
    public long count() throws IOException {
      return channel.messageCount(queue);
    }

    @Override
    public long messages(long from, long to) {
      return to - from;
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
    public long messages(long from, long to) {
      Map<TopicPartition, Long> until = ends.getOrDefault(to, Map.of());
      consumer.assign(partitions);
      ends.getOrDefault(from, Map.of()).forEach(consumer::seek);
      long messages = 0;
      while (partitions.stream().anyMatch(it -> consumer.position(it) < end(until, it))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          if (record.offset() < end(until, partition)) {
            messages++;
          }
        }
      }
      return messages;
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
