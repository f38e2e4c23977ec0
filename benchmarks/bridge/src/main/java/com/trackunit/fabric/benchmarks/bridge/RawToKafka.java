// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The loop one writes by hand when nothing fails: sends from the consumer's callback, and
 * acknowledges below the lowest delivery that Kafka has not confirmed, several at once. Id and key
 * go along; no recovery.
 */
final class RawToKafka implements AutoCloseable {
  private final Flow flow;
  private final Connection connection;
  private final Channel channel;
  private final KafkaProducer<byte[], byte[]> producer;

  // The producer's thread alone.
  private final BitSet confirmed = new BitSet();
  private long base = 1;
  private long acknowledged;

  private volatile long delivered;
  private volatile @Nullable String fault;

  RawToKafka(Site site, Flow flow) throws Exception {
    this.flow = flow;
    this.producer =
        new KafkaProducer<>(site.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    this.connection = site.factory().newConnection();
    this.channel = connection.createChannel();
    channel.basicQos(flow.cell().window());
    channel.basicConsume(
        flow.queue(),
        false,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            send(envelope, properties, body);
          }
        });
  }

  private void send(Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    long tag = envelope.getDeliveryTag();
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            flow.topic(), envelope.getRoutingKey().getBytes(StandardCharsets.UTF_8), body);
    record
        .headers()
        .add("x-message-id", properties.getMessageId().getBytes(StandardCharsets.UTF_8));
    delivered = tag;
    var unusedAsAnsweredBelow =
        producer.send(
            record,
            (metadata, failure) -> {
              if (failure == null) {
                confirmed(tag);
              } else {
                fault = failure.toString();
              }
            });
  }

  private void confirmed(long tag) {
    confirmed.set((int) (tag - base));
    int gapless = confirmed.nextClearBit(0);
    long to = base + gapless - 1;
    if (to - acknowledged < flow.cell().window() / 8 && to != delivered) {
      return;
    }
    if (to > acknowledged && fault == null) {
      try {
        channel.basicAck(to, true);
        acknowledged = to;
      } catch (IOException | RuntimeException e) {
        fault = e.toString();
      }
    }
    BitSet rest = confirmed.get(gapless, Math.max(gapless, confirmed.length()));
    confirmed.clear();
    confirmed.or(rest);
    base += gapless;
  }

  @Override
  public void close() {
    String seen = fault;
    connection.abort();
    producer.close(Duration.ZERO);
    if (seen != null) {
      throw new IllegalStateException("the raw loop failed: " + seen);
    }
  }
}
