// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("broker")
class KafkaNodeTest {
  @ParameterizedTest
  @ValueSource(strings = {KafkaNode.DEFAULT_VERSION, "3.9.2"})
  void keepsRecordsOverKillAndRestart(String version) throws Exception {
    try (KafkaNode kafka = KafkaNode.builder().version(version).start()) {
      kafka.createTopic("kept", 2, Map.of("retention.ms", "-1"));
      produce(kafka, "one");
      kafka.kill();
      kafka.restart();
      produce(kafka, "two");
      assertThat(consume(kafka, 2)).containsExactly("one", "two");
    }
  }

  private static void produce(KafkaNode kafka, String value) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>("kept", "key", value)).get(60, TimeUnit.SECONDS);
    }
  }

  private static List<String> consume(KafkaNode kafka, int count) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", kafka.bootstrapServers(),
            "group.id", "test",
            "auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("kept"));
      List<String> seen = new java.util.ArrayList<>();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (seen.size() < count && System.nanoTime() < end) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
        for (ConsumerRecord<String, String> record : records) {
          seen.add(record.value());
        }
      }
      return seen;
    }
  }
}
