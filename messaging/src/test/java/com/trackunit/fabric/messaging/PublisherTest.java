// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Rejected;
import com.trackunit.fabric.messaging.PublishOutcome.Returned;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("broker")
@Tag("contract")
class PublisherTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RabbitMqNode node;
  private RabbitMessaging rabbit;

  @BeforeEach
  void useTheBroker() {
    node = broker.node();
    rabbit = broker.rabbit();
  }

  @Test
  void aRoutedMessageIsConfirmedAndArrivesAsItWasSent() throws Exception {
    String events = fresh("events");
    String queue = fresh("queue");
    rabbit.apply(Topology.builder().fanout(events).queue(queue).bind(events, queue).build());
    BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              delivery.ack();
              arrived.add(delivery);
            });
    CorrelationId correlation = CorrelationId.random();
    TraceParent trace = TraceParent.random();
    Publisher publisher = rabbit.publisher(events).build();

    PublishOutcome outcome =
        result(
            publisher.publish(
                text("hello")
                    .routingKey("a.key")
                    .messageId("m-1")
                    .contentType("application/json")
                    .correlationId(correlation)
                    .traceParent(trace)
                    .header("x-count", 7)));

    assertThat(outcome).isEqualTo(new Confirmed());
    Delivery delivery = arrived.poll(60, TimeUnit.SECONDS);
    assertThat(delivery).isNotNull();
    assertThat(text(delivery)).isEqualTo("hello");
    assertThat(delivery.exchange()).isEqualTo(events);
    assertThat(delivery.routingKey()).isEqualTo("a.key");
    assertThat(delivery.messageId()).contains("m-1");
    assertThat(delivery.contentType()).contains("application/json");
    assertThat(delivery.correlationId()).contains(correlation);
    assertThat(delivery.traceParent()).contains(trace);
    assertThat(delivery.header("x-count")).contains("7");
    assertThat(delivery.isRedelivered()).isFalse();
  }

  @Test
  void anUnroutableMessageIsReturnedAndItsNeighboursAreConfirmed() throws Exception {
    String commands = commandsWithOneKnownKey();
    Publisher publisher = rabbit.publisher(commands).build();
    List<CompletionStage<PublishOutcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      outcomes.add(publisher.publish(text("m" + i).routingKey(i % 3 == 0 ? "unknown" : "known")));
    }
    for (int i = 0; i < 300; i++) {
      PublishOutcome expected = i % 3 == 0 ? new Returned(312, "NO_ROUTE") : new Confirmed();
      assertThat(result(outcomes.get(i))).as("message %d", i).isEqualTo(expected);
    }
  }

  @Test
  void aReturnThatSeveralMessagesCouldMeanConfirmsNoneOfThem() throws Exception {
    String commands = fresh("commands");
    rabbit.apply(Topology.builder().direct(commands).build());
    Publisher publisher = rabbit.publisher(commands).build();
    List<CompletionStage<PublishOutcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      outcomes.add(publisher.publish(text("m" + i).messageId("the same")));
    }
    for (CompletionStage<PublishOutcome> outcome : outcomes) {
      assertThat(result(outcome)).isInstanceOfAny(Returned.class, Unknown.class);
    }
  }

  @Test
  void aMissingExchangeEndsUnknownAndThePublisherGoesOnOnceItExists() throws Exception {
    String missing = fresh("missing");
    Publisher publisher = rabbit.publisher(missing).build();

    PublishOutcome outcome = result(publisher.publish(text("nowhere")));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Unknown.class, unknown -> assertThat(unknown.reason()).contains("404", missing));
    rabbit.apply(Topology.builder().fanout(missing).build());
    assertThat(result(publisher.publish(text("there")))).isEqualTo(new Returned(312, "NO_ROUTE"));
    await().atMost(PATIENCE).until(() -> publisher.state() == ResourceState.OPEN);
  }

  @Test
  void aFullQueueThatRejectsIsToldApartFromTheOthers() throws Exception {
    String queue = fresh("full");
    try (var raw = RawClient.connect(node)) {
      raw.declare(queue, java.util.Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
    }
    Publisher publisher = rabbit.publisher("").build();
    assertThat(result(publisher.publish(text("fits").routingKey(queue))))
        .isEqualTo(new Confirmed());
    assertThat(result(publisher.publish(text("does not").routingKey(queue))))
        .isEqualTo(new Rejected());
  }

  @Test
  void whatCannotBeEncodedIsRefusedBeforeItTakesANumberAndTheNextConfirmsAreRight()
      throws Exception {
    String commands = commandsWithOneKnownKey();
    Publisher publisher = rabbit.publisher(commands).build();
    assertThat(result(publisher.publish(text("first").routingKey("known"))))
        .isEqualTo(new Confirmed());
    List<Message> refused =
        List.of(
            text("type").header("x", new Object()),
            text("decimal").header("x", new BigDecimal("12345678901234567890")),
            text("frame").header("x", "x".repeat(200_000)),
            text("key").routingKey("k".repeat(256)),
            text("id").messageId("ü".repeat(128)));
    for (Message message : refused) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> publisher.publish(message));
      // Off by one, and the confirmed one would be reported Returned or never settled.
      CompletionStage<PublishOutcome> routed = publisher.publish(text("a").routingKey("known"));
      CompletionStage<PublishOutcome> lost = publisher.publish(text("b").routingKey("unknown"));
      assertThat(result(routed)).isEqualTo(new Confirmed());
      assertThat(result(lost)).isEqualTo(new Returned(312, "NO_ROUTE"));
    }
    assertThat(publisher.inFlight()).isZero();
  }

  @Test
  void messagesOfManyThreadsEachGetTheirOwnOutcome() throws Exception {
    String commands = commandsWithOneKnownKey();
    Publisher publisher = rabbit.publisher(commands).inFlight(64).build();
    List<Thread> threads = new ArrayList<>();
    BlockingQueue<String> wrong = new LinkedBlockingQueue<>();
    for (int t = 0; t < 8; t++) {
      int thread = t;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 250; i++) {
                  boolean routed = (thread + i) % 2 == 0;
                  Message message = text("m").routingKey(routed ? "known" : "unknown");
                  try {
                    PublishOutcome outcome = publisher.publishAndWait(message, PATIENCE);
                    if (outcome.isConfirmed() != routed) {
                      wrong.add(routed + " ended " + outcome);
                    }
                  } catch (InterruptedException e) {
                    wrong.add("interrupted");
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(PATIENCE.toMillis());
    }
    assertThat(wrong).isEmpty();
    assertThat(publisher.inFlight()).isZero();
  }

  @Test
  void aContinuationThatBlocksDelaysNoOutcomeOfABlockingCall() throws Exception {
    String queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    Publisher publisher = rabbit.publisher("").build();
    BlockingQueue<PublishOutcome> inner = new LinkedBlockingQueue<>();
    publisher
        .publish(text("outer").routingKey(queue))
        .thenAccept(
            outcome -> {
              try {
                inner.add(publisher.publishAndWait(text("inner").routingKey(queue), PATIENCE));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(inner.poll(60, TimeUnit.SECONDS)).isEqualTo(new Confirmed());
  }

  @Test
  void aFullWindowTurnsACallerAwayThatMustNotBlockAndTellsItWhenThereIsRoom() throws Exception {
    String queue = fresh("full");
    rabbit.apply(Topology.builder().queue(queue).build());
    Publisher publisher = rabbit.publisher("").inFlight(2).build();
    node.memoryAlarm(true);
    try {
      assertThat(
              publisher.publishAndWait(text("wakes the alarm"), java.time.Duration.ofMillis(500)))
          .isInstanceOf(PublishOutcome.Unknown.class);
    } catch (NotPublishedException e) {
      // The broker had told of its alarm before.
    }
    while (publisher.tryPublish(text("fill").routingKey(queue)).isPresent()) {
      // until the window is full
    }
    java.util.concurrent.CompletionStage<?> room = publisher.whenRoom();
    assertThat(room.toCompletableFuture()).isNotDone();
    node.memoryAlarm(false);
    var unused = result(room);
    assertThat(publisher.tryPublish(text("fits").routingKey(queue))).isPresent();
  }

  @Test
  void aClosedPublisherSendsNothingAndSaysSo() throws Exception {
    Publisher publisher = rabbit.publisher("").build();
    assertThat(publisher.close(PATIENCE)).isTrue();
    assertThat(publisher.close(PATIENCE)).isTrue();
    assertThat(publisher.state()).isEqualTo(ResourceState.CLOSED);
    assertThatExceptionOfType(NotPublishedException.class)
        .isThrownBy(() -> publisher.publishAndWait(text("late"), PATIENCE))
        .satisfies(e -> assertThat(e.isRetryable()).isFalse());
  }

  private String commandsWithOneKnownKey() {
    String commands = fresh("commands");
    String queue = fresh("queue");
    rabbit.apply(
        Topology.builder()
            .direct(commands)
            .queue(queue, QueueOptions::classic)
            .bind(commands, queue, "known")
            .build());
    return commands;
  }
}
