// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The loop one writes by hand when nothing fails: polls, publishes with a window of confirms, and
 * commits below the lowest unconfirmed. Id and key go along; no recovery, no returns sorted out.
 */
final class RawToRabbit implements AutoCloseable {
  private record Sent(TopicPartition partition, long offset, long sequence) {}

  private static final Duration POLL = Duration.ofMillis(50);
  private static final long COMMIT_EVERY_NANOS = Duration.ofMillis(500).toNanos();

  private final Flow flow;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Connection connection;
  private final Channel channel;
  private final Semaphore window;
  private final Thread loop;

  // The connection's thread alone; what lies below `confirmedTo` is no longer in the set.
  private final BitSet confirmed = new BitSet();
  private long base = 1;

  private volatile long confirmedTo;
  private volatile boolean closed;
  private volatile @Nullable String fault;

  RawToRabbit(Site site, Flow flow) throws Exception {
    this.flow = flow;
    this.window = new Semaphore(flow.cell().window());
    this.connection = site.factory().newConnection();
    this.channel = connection.createChannel();
    channel.confirmSelect();
    channel.addConfirmListener(this::confirmed, (tag, multiple) -> fault = "nacked " + tag);
    channel.addReturnListener(back -> fault = "returned " + back.getReplyText());
    this.consumer =
        new KafkaConsumer<>(
            site.consumer(flow.id()), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(List.of(flow.topic()));
    this.loop = new Thread(this::run, "raw-to-rabbit");
    loop.start();
  }

  private void confirmed(long tag, boolean multiple) {
    int released = 0;
    if (multiple) {
      int to = (int) (tag - base) + 1;
      released = to - confirmed.get(0, to).cardinality();
      confirmed.set(0, to);
    } else {
      confirmed.set((int) (tag - base));
      released = 1;
    }
    int gapless = confirmed.nextClearBit(0);
    confirmedTo = base + gapless - 1;
    if (gapless >= 4096) {
      BitSet rest = confirmed.get(gapless, confirmed.length());
      confirmed.clear();
      confirmed.or(rest);
      base += gapless;
    }
    window.release(released);
  }

  private void run() {
    Queue<Sent> unsettled = new ArrayDeque<>();
    Map<TopicPartition, OffsetAndMetadata> settled = new HashMap<>();
    long committedAt = System.nanoTime();
    try (consumer) {
      while (!closed && fault == null) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          window.acquire();
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          unsettled.add(new Sent(partition, record.offset(), channel.getNextPublishSeqNo()));
          publish(record);
        }
        if (System.nanoTime() - committedAt > COMMIT_EVERY_NANOS) {
          Sent lowest;
          while ((lowest = unsettled.peek()) != null && lowest.sequence() <= confirmedTo) {
            settled.put(lowest.partition(), new OffsetAndMetadata(lowest.offset() + 1));
            unsettled.remove();
          }
          consumer.commitAsync(settled, null);
          committedAt = System.nanoTime();
        }
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      fault = e.toString();
    }
  }

  private void publish(ConsumerRecord<byte[], byte[]> record) throws IOException {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .messageId(record.topic() + "-" + record.partition() + "-" + record.offset())
            .headers(Map.of("x-kafka-key", key))
            .deliveryMode(2)
            .build();
    channel.basicPublish(flow.queue(), key, true, properties, record.value());
  }

  @Override
  public void close() {
    String seen = fault;
    closed = true;
    loop.interrupt();
    try {
      loop.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connection.abort();
    if (seen != null) {
      throw new IllegalStateException("the raw loop failed: " + seen);
    }
  }
}
