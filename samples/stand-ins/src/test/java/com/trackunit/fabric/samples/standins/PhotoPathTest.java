// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.RecognitionCompleted;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Both stand-ins at a real broker. */
@Tag("broker")
final class PhotoPathTest {
  private static final String KEY = "images/2026/01/31/5f0b1c1e-0000-4000-8000-000000000001.png";

  private final KafkaNode kafka = KafkaNode.start();
  private final Journey journey =
      new Journey(new CorrelationId("journey-1"), Optional.of(TraceParent.random()));

  @AfterEach
  void close() {
    kafka.close();
  }

  @Test
  void photoIsToldAndRecognisedUnderOneCorrelationId() throws Exception {
    KafkaTopics.ensure(kafka.bootstrapServers(), "test");
    KafkaTopics.ensure(kafka.bootstrapServers(), "test");
    try (KafkaUploadedImages news = KafkaUploadedImages.open(kafka.bootstrapServers(), "test");
        Consumer<byte[], byte[]> reader = reader()) {
      news.publish(image(), journey);
      // Skipped, and the one behind it is not held up.
      sendRubbish();
      news.publish(image(), journey);
      try (VisionServiceStandIn vision =
          VisionServiceStandIn.open(kafka.bootstrapServers(), "vision", Duration.ofMillis(10))) {
        assertThat(vision.port()).isZero();
        List<ConsumerRecord<byte[], byte[]>> answers = read(reader, 2);

        assertThat(answers)
            .allSatisfy(
                answer -> {
                  assertThat(new String(answer.key(), StandardCharsets.UTF_8)).isEqualTo(KEY);
                  assertThat(texts(answer.headers()))
                      .containsExactlyInAnyOrderEntriesOf(
                          Map.of(
                              "x-schema",
                              "recognition.completed.v0",
                              "x-producer",
                              "svc-ai-vision-adapter",
                              "x-correlation-id",
                              journey.id().value(),
                              "traceparent",
                              journey.trace().orElseThrow().value()));
                });
        assertThat(answers)
            .extracting(answer -> ContractCodec.decode(answer.value(), RecognitionCompleted.class))
            .containsOnly(MachineCatalogue.recognise(image()));
      }
      // Closed in order, it has committed: the next one answers only what is new.
      news.publish(image(), new Journey(new CorrelationId("journey-2"), Optional.empty()));
      try (VisionServiceStandIn vision =
          VisionServiceStandIn.open(kafka.bootstrapServers(), "vision", Duration.ZERO)) {
        assertThat(vision.port()).isZero();
        assertThat(read(reader, 1))
            .singleElement()
            .satisfies(
                answer ->
                    assertThat(texts(answer.headers()))
                        .containsEntry("x-correlation-id", "journey-2")
                        .doesNotContainKey("traceparent"));
      }
    }
  }

  private static ImageUploaded image() {
    return new ImageUploaded(
        UUID.fromString("7b7a9f0e-0000-4000-8000-000000000001"),
        KEY,
        "image/png",
        Photos.png().length,
        Photos.checksum(Photos.png()),
        Instant.parse("2026-01-31T12:00:00Z"));
  }

  private void sendRubbish() throws Exception {
    try (Producer<byte[], byte[]> producer =
        KafkaUploadedImages.producer(kafka.bootstrapServers(), "rubbish")) {
      byte[] key = KEY.getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(Wire.Topics.IMAGES_UPLOADED, key, new byte[] {1})).get();
    }
  }

  private Consumer<byte[], byte[]> reader() {
    Consumer<byte[], byte[]> reader =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG, "test",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    reader.subscribe(List.of(Wire.Topics.RECOGNITION_COMPLETED));
    return reader;
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      Consumer<byte[], byte[]> reader, int count) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              reader.poll(Duration.ofMillis(100)).forEach(records::add);
              return records.size() >= count;
            });
    return records;
  }

  private static Map<String, String> texts(Headers headers) {
    return StreamSupport.stream(headers.spliterator(), false)
        .collect(
            Collectors.toMap(
                header -> header.key(),
                header -> new String(header.value(), StandardCharsets.UTF_8)));
  }
}
