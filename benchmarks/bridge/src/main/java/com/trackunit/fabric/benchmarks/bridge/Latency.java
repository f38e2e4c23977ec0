// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The way of a message through an arm from end to end, at half of the arm's own rate: from the
 * moment at which the schedule of an open loop sends it to the queue to the moment at which a
 * reader of what is committed has it.
 */
final class Latency {
  private static final long WARM_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long MEASURED_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();
  private static final long TICK_NANOS = Duration.ofMillis(1).toNanos();
  private static final double LOAD = 0.5;
  private static final double P99 = 0.99;

  private final Lab lab;

  Latency(Lab lab) {
    this.lab = lab;
  }

  /**
   * Measures.
   *
   * @param perSecond the arm's rate
   * @return milliseconds
   */
  double p99Millis(Cell cell, Arm arm, double perSecond) throws Exception {
    Flow flow = lab.prepareEmpty(cell);
    int messages = (int) (perSecond * LOAD * (WARM_NANOS + MEASURED_NANOS) / 1e9);
    int warm = (int) ((double) messages * WARM_NANOS / (WARM_NANOS + MEASURED_NANOS));
    try (KafkaConsumer<byte[], byte[]> consumer = reader(flow)) {
      AutoCloseable running = arm.start(lab.site(), flow);
      try (Load load = new Load(lab.channel(), flow, messages, perSecond * LOAD)) {
        return p99Millis(consumer, load, messages, warm);
      } finally {
        running.close();
      }
    } finally {
      lab.forget(flow);
    }
  }

  private static double p99Millis(
      KafkaConsumer<byte[], byte[]> consumer, Load load, int messages, int warm)
      throws IOException {
    List<Long> nanos = new ArrayList<>(messages);
    long begun = System.nanoTime();
    int seen = 0;
    while (seen < messages && System.nanoTime() - begun < PATIENCE_NANOS) {
      load.check();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        if (seen++ >= warm) {
          nanos.add(System.nanoTime() - ByteBuffer.wrap(record.value()).getLong());
        }
      }
    }
    if (seen < messages) {
      throw new IllegalStateException(seen + " of " + messages + " paced messages came");
    }
    Collections.sort(nanos);
    return nanos.get((int) (P99 * (nanos.size() - 1))) / 1e6;
  }

  private KafkaConsumer<byte[], byte[]> reader(Flow flow) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            lab.site().consumer("reader"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(
        IntStream.range(0, flow.cell().partitions())
            .mapToObj(n -> new TopicPartition(flow.topic(), n))
            .toList());
    return consumer;
  }

  /** An open loop: it sends when the schedule says so, and stamps a message with the schedule. */
  private static final class Load implements AutoCloseable {
    private final Thread sender;
    private volatile @Nullable IOException fault;

    Load(Channel channel, Flow flow, int messages, double perSecond) {
      sender = new Thread(() -> send(channel, flow, messages, perSecond), "paced-sender");
      sender.start();
    }

    private void send(Channel channel, Flow flow, int messages, double perSecond) {
      long begun = System.nanoTime();
      try {
        for (int i = 0; i < messages; i++) {
          long due = begun + (long) (i * 1e9 / perSecond);
          while (System.nanoTime() < due) {
            LockSupport.parkNanos(TICK_NANOS);
          }
          byte[] body = new byte[flow.cell().bytes()];
          ByteBuffer.wrap(body).putLong(due);
          channel.basicPublish(
              flow.queue(),
              Lab.key(i),
              MessageProperties.PERSISTENT_BASIC
                  .builder()
                  .messageId(UUID.randomUUID().toString())
                  .build(),
              body);
        }
      } catch (IOException e) {
        fault = e;
      }
    }

    void check() throws IOException {
      if (fault != null) {
        throw fault;
      }
    }

    @Override
    public void close() {
      try {
        sender.join(Duration.ofSeconds(5).toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
