// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.RecognitionCompleted;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.samples.orchestrator.AnalysisOrchestratorService;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A Kafka record becomes an analysis event: broker, bridge, broker, orchestrator, for real. */
@Tag("broker")
class UploadToAnalysisTest {
  private static final String KEY = "images/2026/11/23/9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11.jpg";

  @Test
  void recordsBecomeEventsThoughTheOrchestratorComesLastAndTheBridgeStopsInBetween()
      throws Exception {
    try (KafkaNode kafka = KafkaNode.start();
        RabbitMqNode rabbitNode = RabbitMqNode.start();
        KafkaProducer<String, byte[]> producer = producer(kafka)) {
      kafka.createTopic(Wire.Topics.IMAGES_UPLOADED, 4, Map.of());
      kafka.createTopic(Wire.Topics.RECOGNITION_COMPLETED, 4, Map.of());
      CorrelationId correlation = CorrelationId.random();
      TraceParent trace = TraceParent.random();
      write(producer, Wire.Topics.IMAGES_UPLOADED, uploaded(), correlation, trace);
      Map<String, String> environment = environment(kafka, rabbitNode);

      BlockingQueue<Delivery> events = new LinkedBlockingQueue<>();
      try (RabbitMessaging rabbit = listen(rabbitNode, events)) {
        BackgroundService bridge =
            start(Wire.Services.MESSAGING_BRIDGE, environment, MessagingBridgeService::reader);
        BackgroundService orchestrator =
            start(
                Wire.Services.ANALYSIS_ORCHESTRATOR,
                environment,
                AnalysisOrchestratorService::reader);
        try (orchestrator) {
          try (bridge) {
            Delivery started = next(events);
            assertThat(ContractCodec.decode(started.body(), AnalysisStarted.class))
                .isEqualTo(new AnalysisStarted(KEY, correlation.value()));
            assertThat(started.correlationId()).hasValue(correlation);
            assertThat(started.traceParent()).hasValue(trace);
            assertThat(started.messageId())
                .hasValueSatisfying(
                    id ->
                        assertThat(id)
                            .matches("tu\\.images\\.uploaded-\\d-0-\\d+:analysis\\.started"));
          }

          write(producer, Wire.Topics.RECOGNITION_COMPLETED, recognised(), correlation, trace);
          try (BackgroundService next =
              start(Wire.Services.MESSAGING_BRIDGE, environment, MessagingBridgeService::reader)) {
            await().atMost(Duration.ofSeconds(60)).until(next::isReady);
            Delivery completed = next(events);
            AnalysisCompleted answer =
                ContractCodec.decode(completed.body(), AnalysisCompleted.class);
            assertThat(answer)
                .isEqualTo(
                    new AnalysisCompleted(
                        true,
                        ContractCodec.decode(recognised(), RecognitionCompleted.class),
                        KEY,
                        correlation.value()));
            assertThat(events).as("the upload was committed, not sent again").isEmpty();
            assertThat(rabbit.health().isUp()).isTrue();
          }
        }
      }
    }
  }

  private static BackgroundService start(
      String name,
      Map<String, String> environment,
      Function<Environment, Supplier<BackgroundService.Work>> reader)
      throws InterruptedException {
    BackgroundService service = BackgroundService.start(name, Environment.of(environment), reader);
    service.open();
    return service;
  }

  private static Map<String, String> environment(KafkaNode kafka, RabbitMqNode rabbit) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HTTP_HOST", "127.0.0.1");
    environment.put("HTTP_PORT", "0");
    environment.put("KAFKA_BROKERS", kafka.bootstrapServers());
    environment.put("RABBIT_HOST", rabbit.host());
    environment.put("RABBIT_PORT", String.valueOf(rabbit.port()));
    environment.put("RABBIT_USER", rabbit.user());
    environment.put("RABBIT_PASS", rabbit.password().reveal());
    return environment;
  }

  private static RabbitMessaging listen(RabbitMqNode node, BlockingQueue<Delivery> events) {
    RabbitMessaging rabbit =
        RabbitMessaging.open(
            RabbitSettings.builder(node.host(), node.user(), node.password())
                .port(node.port())
                .connectionName("test")
                .build());
    rabbit.apply(
        Topology.builder()
            .fanout(Wire.Exchanges.ANALYSIS_STARTED)
            .fanout(Wire.Exchanges.ANALYSIS_COMPLETED)
            .queue("test.events")
            .bind(Wire.Exchanges.ANALYSIS_STARTED, "test.events")
            .bind(Wire.Exchanges.ANALYSIS_COMPLETED, "test.events")
            .build());
    var unused =
        rabbit
            .consumer("test.events")
            .start(
                delivery -> {
                  events.add(delivery);
                  var unusedResult = delivery.ack();
                });
    return rabbit;
  }

  private static KafkaProducer<String, byte[]> producer(KafkaNode kafka) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all"),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static void write(
      KafkaProducer<String, byte[]> producer,
      String topic,
      byte[] body,
      CorrelationId correlation,
      TraceParent trace)
      throws Exception {
    ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, KEY, body);
    Map.of(CorrelationId.HEADER, correlation.value(), TraceParent.HEADER, trace.value())
        .forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
    var unused = producer.send(record).get(60, TimeUnit.SECONDS);
  }

  private static Delivery next(BlockingQueue<Delivery> from) throws InterruptedException {
    return Objects.requireNonNull(from.poll(60, TimeUnit.SECONDS), "nothing came in time");
  }

  private static byte[] uploaded() {
    return ContractCodec.encode(
        new ImageUploaded(
            UUID.randomUUID(), KEY, "image/jpeg", 1, "sha256:" + "0".repeat(64), Instant.now()));
  }

  private static byte[] recognised() {
    return ContractCodec.encode(
        new RecognitionCompleted(
            new RecognitionCompleted.Provider("vision", "v1", List.of(), null),
            new RecognitionCompleted.Aggregate(
                "Volvo", "excavator", null, 0.9, true, null, null, null)));
  }
}
