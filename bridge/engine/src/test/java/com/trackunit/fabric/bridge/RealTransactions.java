// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka's own transactions under a trace. */
final class RealTransactions implements TracedBroker {
  private static final int LARGEST = 10_000;

  private final Brokers brokers;
  private final String topic = Brokers.fresh("traced");
  private final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
  private final Set<String> inTransaction = new HashSet<>();

  RealTransactions(Brokers brokers) {
    this.brokers = brokers;
    brokers.kafka.createTopic(topic, 1, Map.of("max.message.bytes", String.valueOf(LARGEST)));
  }

  @Override
  public List<String> does(List<String> words, List<String> expected) throws Exception {
    if (words.get(0).equals("read")) {
      return List.of("read " + committed());
    }
    String name = words.get(1);
    if (words.get(0).equals("init")) {
      KafkaProducer<byte[], byte[]> producer = newProducer();
      producers.put(name, producer);
      producer.initTransactions();
      return List.of();
    }
    KafkaProducer<byte[], byte[]> producer = Objects.requireNonNull(producers.get(name));
    if (words.get(0).equals("send")) {
      return send(name, producer, words.get(2));
    }
    inTransaction.remove(name);
    return List.of(name + " " + end(producer, words.get(0).equals("commit")));
  }

  private List<String> send(String name, KafkaProducer<byte[], byte[]> producer, String what)
      throws InterruptedException {
    byte[] body = what.equals("large") ? new byte[LARGEST + 1] : what.getBytes(UTF_8);
    try {
      if (inTransaction.add(name)) {
        producer.beginTransaction();
      }
      producer.send(new ProducerRecord<>(topic, body)).get();
      return List.of();
    } catch (ExecutionException e) {
      return List.of(
          name + (e.getCause() instanceof RecordTooLargeException ? " refused" : " fenced"));
    }
  }

  private static String end(KafkaProducer<byte[], byte[]> producer, boolean commit) {
    try {
      if (commit) {
        producer.commitTransaction();
        return "committed";
      }
      producer.abortTransaction();
      return "aborted";
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      return "fenced";
    } catch (KafkaException e) {
      producer.abortTransaction(); // what Kafka's documentation asks for
      return "aborted";
    }
  }

  private List<String> committed() {
    return brokers.read(topic).stream().map(record -> new String(record.value(), UTF_8)).toList();
  }

  private KafkaProducer<byte[], byte[]> newProducer() {
    Map<String, Object> config =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            brokers.kafka.bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            topic,
            ProducerConfig.LINGER_MS_CONFIG,
            0);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() {
    producers.values().forEach(producer -> producer.close(Duration.ZERO));
  }
}
