// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Watches the wire itself, beside the services: reads both topics and a queue of its own on each
 * exchange, and notes what passes. What the services say of themselves is not asked. Thread-safe.
 */
final class HopObserver implements AutoCloseable {
  private final List<Hop> hops = new CopyOnWriteArrayList<>();
  private final RabbitMessaging rabbit;
  private final KafkaConsumer<byte[], byte[]> kafka;
  private final Thread kafkaThread;

  private HopObserver(RabbitMessaging rabbit, KafkaConsumer<byte[], byte[]> kafka) {
    this.rabbit = rabbit;
    this.kafka = kafka;
    this.kafkaThread = FabricThreads.named("demo", "observer").newThread(this::readTopics);
  }

  /**
   * Starts watching; messages from now on are seen.
   *
   * @param fabric the fabric to watch; the caller closes the observer before it
   */
  static HopObserver start(LocalFabric fabric) {
    var node = fabric.rabbit();
    RabbitMessaging rabbit =
        RabbitMessaging.open(
            RabbitSettings.builder(node.host(), node.user(), node.password())
                .port(node.port())
                .connectionName("demo-observer")
                .build());
    KafkaConsumer<byte[], byte[]> kafka =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", fabric.kafka().bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    HopObserver observer = new HopObserver(rabbit, kafka);
    observer.watchExchanges();
    observer.watchTopics();
    return observer;
  }

  /** What has been seen of one photo, in the order of seeing. */
  List<Hop> hops(String correlationId) {
    return hops.stream().filter(hop -> hop.correlationId().equals(correlationId)).toList();
  }

  @Override
  public void close() {
    kafka.wakeup();
    boolean interrupted = false;
    try {
      kafkaThread.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    rabbit.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void watchExchanges() {
    for (Place place : Place.values()) {
      if (!place.isTopic()) {
        String queue = "demo.observer." + place.target();
        rabbit.apply(
            Topology.builder()
                .fanout(place.target())
                .queue(queue, q -> q.classic().expiresAfter(Duration.ofMinutes(5)))
                .bind(place.target(), queue)
                .build());
        rabbit.consumer(queue).start(delivery -> note(place, delivery));
      }
    }
  }

  private void note(Place place, Delivery delivery) {
    String correlationId = delivery.correlationId().map(CorrelationId::value).orElse("");
    String key = delivery.header(Wire.Headers.KAFKA_KEY).orElse("");
    hops.add(new Hop(place, Instant.now(), correlationId, key, sha256(delivery.body())));
    delivery.ack();
  }

  private void watchTopics() {
    List<TopicPartition> partitions =
        Arrays.stream(Place.values())
            .filter(Place::isTopic)
            .flatMap(place -> kafka.partitionsFor(place.target()).stream())
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    kafka.assign(partitions);
    kafka.seekToEnd(partitions);
    partitions.forEach(kafka::position); // the end as of now, not as of the first poll
    kafkaThread.start();
  }

  private void readTopics() {
    try (kafka) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : kafka.poll(Duration.ofSeconds(1))) {
          note(record);
        }
      }
    } catch (WakeupException e) {
      // close() was called
    }
  }

  private void note(ConsumerRecord<byte[], byte[]> record) {
    for (Place place : Place.values()) {
      if (place.isTopic() && place.target().equals(record.topic())) {
        Header header = record.headers().lastHeader(CorrelationId.HEADER);
        String correlationId = header == null ? "" : text(header.value());
        hops.add(
            new Hop(
                place, Instant.now(), correlationId, text(record.key()), sha256(record.value())));
      }
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
