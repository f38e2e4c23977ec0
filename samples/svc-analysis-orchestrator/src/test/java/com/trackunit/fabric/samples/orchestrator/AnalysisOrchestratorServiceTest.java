// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.RequestAnalysis;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("broker")
class AnalysisOrchestratorServiceTest {
  private static final Duration PATIENT = Duration.ofSeconds(60);
  private static final String EVENTS = "test.events";
  private static RabbitMqNode node;

  private final BlockingQueue<Delivery> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<Delivery> dead = new LinkedBlockingQueue<>();
  private RabbitMessaging rabbit;
  private BackgroundService service;

  @BeforeAll
  static void startNode() {
    node = RabbitMqNode.start();
  }

  @AfterAll
  static void stopNode() {
    node.close();
  }

  @BeforeEach
  void start() throws InterruptedException {
    service = service();
    rabbit =
        RabbitMessaging.open(
            RabbitSettings.builder(node.host(), node.user(), node.password())
                .port(node.port())
                .connectionName("test")
                .build());
    rabbit.apply(
        Topology.builder()
            .queue(EVENTS)
            .bind(Wire.Exchanges.ANALYSIS_STARTED, EVENTS)
            .bind(Wire.Exchanges.ANALYSIS_COMPLETED, EVENTS)
            .build());
    collect(EVENTS, events);
    collect(Wire.Queues.ORCHESTRATOR_DEAD, dead);
  }

  @AfterEach
  void stop() {
    service.close();
    rabbit.close();
  }

  @Test
  void anUploadARecognitionAndACommandAreAnswered() throws Exception {
    CorrelationId correlation = CorrelationId.random();
    TraceParent trace = TraceParent.random();
    publish(
        Wire.Exchanges.IMAGE_UPLOADED,
        Message.of(uploaded("k-1"))
            .messageId("up-1")
            .correlationId(correlation)
            .traceParent(trace));
    Delivery started = next(events);
    assertThat(ContractCodec.decode(started.body(), AnalysisStarted.class))
        .isEqualTo(new AnalysisStarted("k-1", correlation.value()));
    assertThat(started.exchange()).isEqualTo("analysis.started");
    assertThat(started.messageId()).hasValue("up-1:analysis.started");
    assertThat(started.correlationId()).hasValue(correlation);
    assertThat(started.traceParent()).hasValue(trace);

    publish(
        Wire.Exchanges.RECOGNITION_COMPLETED,
        Message.of(recognition()).messageId("rc-1").header(Wire.Headers.KAFKA_KEY, "k-1"));
    Delivery completed = next(events);
    AnalysisCompleted answer = ContractCodec.decode(completed.body(), AnalysisCompleted.class);
    assertThat(completed.messageId()).hasValue("rc-1:analysis.completed");
    assertThat(answer.success()).isTrue();
    assertThat(answer.objectKey()).isEqualTo("k-1");

    publish(
        Wire.Exchanges.ANALYSIS_COMMANDS,
        Message.of(ContractCodec.encode(new RequestAnalysis("k-2")))
            .routingKey(Wire.RoutingKeys.ANALYSIS_REQUEST)
            .messageId("cmd-1"));
    assertThat(next(events).messageId()).hasValue("cmd-1:analysis.started");
    assertThat(dead).isEmpty();
  }

  @Test
  void aMalformedMessageIsSetAsideAndTheNextOneAnswered() throws Exception {
    publish(Wire.Exchanges.IMAGE_UPLOADED, Message.of("oops".getBytes(UTF_8)).messageId("bad"));
    publish(Wire.Exchanges.RECOGNITION_COMPLETED, Message.of(recognition()).messageId("no-key"));
    publish(Wire.Exchanges.IMAGE_UPLOADED, Message.of(uploaded("k-3")).messageId("good"));

    assertThat(next(events).messageId()).hasValue("good:analysis.started");
    Delivery first = next(dead);
    Delivery second = next(dead);
    List<Delivery> refused = List.of(first, second);
    assertThat(refused)
        .extracting(delivery -> delivery.messageId().orElse(""))
        .containsExactlyInAnyOrder("bad", "no-key");
  }

  @Test
  void aBrokerThatDiesAndComesBackLosesNoEvent() throws Exception {
    Set<String> expected = ConcurrentHashMap.newKeySet();
    Publisher uploads = rabbit.publisher(Wire.Exchanges.IMAGE_UPLOADED).build();
    for (int i = 0; i < 200; i++) {
      PublishOutcome outcome =
          uploads.publishAndWait(Message.of(uploaded("k")).messageId("kill-" + i), PATIENT);
      if (outcome.isConfirmed()) {
        var unused = expected.add("kill-" + i + ":analysis.started");
      }
      if (i == 150) {
        node.kill();
        node.restart();
      }
    }
    Set<String> seen = ConcurrentHashMap.newKeySet();
    await()
        .atMost(PATIENT)
        .until(
            () -> {
              for (Delivery event = events.poll(); event != null; event = events.poll()) {
                var unused = seen.add(event.messageId().orElse(""));
              }
              return seen.containsAll(expected);
            });
    assertThat(expected).hasSizeGreaterThan(190);
    await().atMost(PATIENT).until(() -> ready(service) == 200);
    assertThat(dead).isEmpty();
  }

  @Test
  void twoReplicasShareTheWork() throws Exception {
    BackgroundService second = service();
    try {
      for (int i = 0; i < 20; i++) {
        publish(Wire.Exchanges.IMAGE_UPLOADED, Message.of(uploaded("k")).messageId("two-" + i));
      }
      Set<String> ids = ConcurrentHashMap.newKeySet();
      while (ids.size() < 20) {
        var unused = ids.add(next(events).messageId().orElse(""));
      }
      service.close();
      publish(Wire.Exchanges.IMAGE_UPLOADED, Message.of(uploaded("k")).messageId("after"));
      assertThat(next(events).messageId()).hasValue("after:analysis.started");
    } finally {
      second.close();
    }
  }

  private static BackgroundService service() throws InterruptedException {
    BackgroundService service =
        BackgroundService.start(
            Wire.Services.ANALYSIS_ORCHESTRATOR,
            Environment.of(
                Map.of(
                    "HTTP_HOST", "127.0.0.1",
                    "HTTP_PORT", "0",
                    "RABBIT_HOST", node.host(),
                    "RABBIT_PORT", String.valueOf(node.port()),
                    "RABBIT_USER", node.user(),
                    "RABBIT_PASS", node.password().reveal())),
            AnalysisOrchestratorService::reader);
    try {
      assertThat(ready(service)).isEqualTo(503);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    service.open();
    await().atMost(Duration.ofSeconds(60)).until(service::isReady);
    return service;
  }

  private static int ready(BackgroundService service) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + service.port() + "/health/ready");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private void collect(String queue, BlockingQueue<Delivery> into) {
    var unused =
        rabbit
            .consumer(queue)
            .start(
                delivery -> {
                  into.add(delivery);
                  var unusedResult = delivery.ack();
                });
  }

  private void publish(String exchange, Message message) throws InterruptedException {
    try (Publisher publisher = rabbit.publisher(exchange).build()) {
      assertThat(publisher.publishAndWait(message, PATIENT).isConfirmed()).isTrue();
    }
  }

  private static Delivery next(BlockingQueue<Delivery> from) throws InterruptedException {
    return Objects.requireNonNull(
        from.poll(PATIENT.toSeconds(), TimeUnit.SECONDS), "nothing came in time");
  }

  private static byte[] uploaded(String key) {
    return ContractCodec.encode(
        new ImageUploaded(
            UUID.randomUUID(), key, "image/png", 1, "sha256:" + "0".repeat(64), Instant.now()));
  }

  private static byte[] recognition() {
    return ("{\"provider\":{\"name\":\"v\",\"featureset\":[]},\"aggregate\":{\"brand\":\"Volvo\","
            + "\"confidence\":0.9,\"isConfident\":true}}")
        .getBytes(UTF_8);
  }
}
