// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A Kafka producer of a load's own, which tells the ledger what became of each record. It waits for
 * all replicas, and has one request on its way at a time: a topic that is deleted and made again
 * then cannot put its records out of order. Thread-safe.
 */
public final class LedgerProducer implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final KafkaProducer<String, byte[]> producer;

  /**
   * A producer.
   *
   * @param bootstrapServers where Kafka is
   */
  public LedgerProducer(String bootstrapServers) {
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "acks",
                "all",
                "max.in.flight.requests.per.connection",
                1,
                "reconnect.backoff.max.ms",
                1_000,
                "linger.ms",
                2),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /**
   * Sends to the topic that has an arm's name.
   *
   * @param arm gets the outcome
   * @param message its key decides the partition
   */
  public void send(Arm arm, NumberedMessage message) {
    Future<RecordMetadata> unused =
        producer.send(
            new ProducerRecord<>(arm.name(), message.key(), message.body(0)),
            (metadata, failure) ->
                arm.ledger()
                    .outcome(message.id(), failure == null ? Outcome.CONFIRMED : Outcome.UNKNOWN));
  }

  /** Returns when each record has its outcome. */
  public void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close(GRACE);
  }
}
