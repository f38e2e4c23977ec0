// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
@ExtendWith(NoLeaks.class)
class KafkaNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static KafkaNode kafka;
  private final String topic = "topic-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    kafka = KafkaNode.start();
  }

  @AfterAll
  static void close() throws IOException {
    Path folder = kafka.dataFolder();
    assertThat(Processes.mentioning(folder.toString())).isNotEmpty();
    kafka.close();
    kafka.close();
    assertThat(Processes.mentioning(folder.toString())).isEmpty();
    assertThat(folder).doesNotExist();
  }

  @Test
  void keepsRecordsAndAddressOverKillAndRestart() throws Exception {
    String address = kafka.bootstrapServers();
    survivesKillAndRestart(kafka);
    assertThat(kafka.bootstrapServers()).isEqualTo(address);
  }

  @Test
  void runsTheVersionThatIsChosen() throws Exception {
    try (KafkaNode older = KafkaNode.builder().version("3.9.2").start()) {
      assertThat(Files.readString(older.logFile())).contains("Kafka version: 3.9.2");
      assertThat(Files.readString(kafka.logFile()))
          .contains("Kafka version: " + KafkaNode.DEFAULT_VERSION);
      survivesKillAndRestart(older);
    }
  }

  @Test
  void keepsRecordsOverAnOrderlyRestart() throws Exception {
    kafka.createTopic(topic, 1, Map.of());
    produce(kafka, "before the stop");
    kafka.restart();
    assertThat(consume(kafka, 1)).containsExactly("before the stop");
  }

  @Test
  void frozenBrokerAnswersOnceThawed() throws Exception {
    kafka.createTopic(topic, 1, Map.of());
    try (KafkaProducer<String, String> producer = producer(kafka)) {
      producer.send(new ProducerRecord<>(topic, "warm")).get(LONG.toSeconds(), TimeUnit.SECONDS);
      kafka.freeze();
      Future<?> sent = producer.send(new ProducerRecord<>(topic, "cold"));
      assertThatThrownBy(() -> sent.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
      kafka.thaw();
      sent.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void topicsAreNotCreatedByUsingThem() {
    Map<String, Object> impatient =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.block.ms", 2_000);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(impatient, new StringSerializer(), new StringSerializer())) {
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, "x")).get())
          .hasMessageContaining(topic);
    }
  }

  @Test
  void refusedTopicSaysWhatTheBrokerSaid() {
    kafka.createTopic(topic, 1, Map.of());
    assertThatThrownBy(() -> kafka.createTopic(topic, 1, Map.of()))
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("create topic " + topic)
        .hasMessageContaining("already exists");
  }

  @Test
  void listensOnLoopbackOnly() throws Exception {
    List<Long> processes = Processes.mentioning(kafka.dataFolder().toString());
    assertThat(Processes.listening(processes)).hasSize(2).allMatch(Processes::isLoopback);
  }

  @Test
  void versionThatDoesNotExistSaysWhatMavenSaid() {
    assertThatThrownBy(() -> KafkaNode.builder().version("3.9.999").start())
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("resolving Kafka 3.9.999")
        .hasMessageContaining("kafka_2.13");
  }

  @Test
  void brokerThatDoesNotStartSaysWhyAndLeavesNothing(@TempDir Path empty) throws Exception {
    assertThatThrownBy(() -> KafkaNode.builder().classpath(List.of(empty)).start())
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("it left with exit status 1")
        .hasMessageContaining("kafka.tools.StorageTool");
    assertThat(Processes.mentioning(empty.toString())).isEmpty();
  }

  @Test
  void mistakesAreNamed() {
    KafkaNode.Builder builder = KafkaNode.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.version("latest"))
        .withMessageContaining("version is 'latest'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.classpath(List.of()))
        .withMessageContaining("classpath");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.startTimeout(Duration.ZERO))
        .withMessageContaining("startTimeout");
  }

  private void survivesKillAndRestart(KafkaNode node) throws Exception {
    node.createTopic(topic, 2, Map.of("retention.ms", "-1"));
    produce(node, "one");
    node.kill();
    node.restart();
    produce(node, "two");
    assertThat(consume(node, 2)).containsExactly("one", "two");
  }

  private void produce(KafkaNode node, String value) throws Exception {
    try (KafkaProducer<String, String> producer = producer(node)) {
      producer
          .send(new ProducerRecord<>(topic, "key", value))
          .get(LONG.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private List<String> consume(KafkaNode node, int count) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            node.bootstrapServers(),
            "group.id",
            topic,
            "auto.offset.reset",
            "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      List<String> seen = new ArrayList<>();
      long start = System.nanoTime();
      while (seen.size() < count && System.nanoTime() - start < LONG.toNanos()) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          seen.add(record.value());
        }
      }
      return seen;
    }
  }

  private static KafkaProducer<String, String> producer(KafkaNode node) {
    Map<String, Object> config = Map.of("bootstrap.servers", node.bootstrapServers());
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }
}
