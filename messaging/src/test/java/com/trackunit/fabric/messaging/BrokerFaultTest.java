// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each test does something to the broker. One that leaves it as it was says so at its end, and the
 * next one saves the time of a start.
 */
@Tag("broker")
class BrokerFaultTest {
  private static @Nullable RabbitMqNode kept;
  private RabbitMqNode node;
  private RabbitMessaging rabbit;

  @BeforeEach
  void startNode() {
    node = kept != null ? kept : RabbitMqNode.start();
    kept = null;
    rabbit = RabbitMessaging.open(quick(node).build());
  }

  @AfterEach
  void stopNode() {
    rabbit.close(Duration.ofSeconds(2));
    if (kept == null) {
      node.close();
    }
  }

  @AfterAll
  static void stopKeptNode() {
    if (kept != null) {
      kept.close();
    }
  }

  private static RabbitSettings.Builder quick(RabbitMqNode node) {
    return Fixtures.settings(node)
        .heartbeat(Duration.ofSeconds(1))
        .rpcTimeout(Duration.ofSeconds(5))
        .connectTimeout(Duration.ofSeconds(5))
        .writeTimeout(Duration.ofSeconds(2));
  }

  @Test
  void nothingConfirmedIsLostWhenTheBrokerIsKilledUnderLoadAndAllGoOn() throws Exception {
    String events = fresh("events");
    String quorum = fresh("quorum");
    String classic = fresh("classic");
    rabbit.apply(
        Topology.builder()
            .fanout(events)
            .queue(quorum)
            .queue(classic, QueueOptions::classic)
            .bind(events, quorum)
            .bind(events, classic)
            .build());
    Map<String, Set<String>> seen =
        Map.of(quorum, ConcurrentHashMap.newKeySet(), classic, ConcurrentHashMap.newKeySet());
    for (String queue : seen.keySet()) {
      rabbit
          .consumer(queue)
          .start(
              delivery -> {
                seen.get(queue).add(text(delivery));
                delivery.ack();
              });
    }
    Publisher publisher = rabbit.publisher(events).inFlight(200).build();
    Set<String> confirmed = ConcurrentHashMap.newKeySet();
    AtomicInteger unknown = new AtomicInteger();
    AtomicInteger other = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    List<CompletionStage<?>> outcomes = new ArrayList<>();
    Thread load =
        new Thread(
            () -> {
              for (int i = 0; !stop.get(); i++) {
                String id = "m" + i;
                outcomes.add(
                    publisher
                        .publish(text(id))
                        .whenComplete(
                            (outcome, error) -> {
                              if (outcome instanceof Confirmed) {
                                confirmed.add(id);
                              } else if (outcome instanceof Unknown) {
                                unknown.incrementAndGet();
                              } else {
                                other.incrementAndGet();
                              }
                            }));
              }
            });
    load.start();
    awaitGrown();
    for (int kill = 1; kill <= 2; kill++) {
      int before = confirmed.size();
      await().atMost(PATIENCE).until(() -> confirmed.size() > before + 500);
      node.kill();
      node.restart();
    }
    int before = confirmed.size();
    await().atMost(PATIENCE).until(() -> confirmed.size() > before + 500);
    stop.set(true);
    load.join(PATIENCE.toMillis());
    for (CompletionStage<?> outcome : outcomes) {
      result(outcome);
    }

    assertThat(other).hasValue(0);
    assertThat(unknown).as("messages caught in flight").hasPositiveValue();
    for (String queue : seen.keySet()) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                Set<String> lost = new HashSet<>(confirmed);
                lost.removeAll(seen.get(queue));
                assertThat(lost).as("confirmed, but never seen from " + queue).isEmpty();
              });
    }
    await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
    kept = node;
  }

  @Test
  void aFrozenBrokerMeansUnknownWithinTheDeadlineAndTheThawedOneIsUsedAgain() throws Exception {
    String queue = classic();
    Publisher publisher = rabbit.publisher("").timeout(Duration.ofSeconds(1)).build();
    assertThat(result(publisher.publish(text("before").routingKey(queue))))
        .isEqualTo(new Confirmed());

    node.freeze();
    CompletionStage<PublishOutcome> caught = publisher.publish(text("caught").routingKey(queue));
    assertThat(result(caught))
        .isInstanceOfSatisfying(
            Unknown.class, u -> assertThat(u.reason()).contains("not answered within PT1S"));
    await().atMost(PATIENCE).until(() -> rabbit.state() == ResourceState.RECOVERING);
    assertThat(rabbit.health().isUp()).isFalse();
    assertThatExceptionOfType(NotPublishedException.class)
        .isThrownBy(
            () -> publisher.publishAndWait(text("none").routingKey(queue), Duration.ofMillis(300)));

    node.thaw();
    await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
    assertThat(result(publisher.publish(text("after").routingKey(queue))))
        .isEqualTo(new Confirmed());
    kept = node;
  }

  @Test
  void aWriterStuckInItsSocketIsFreedByTheWriteTimeout() throws Exception {
    rabbit.close(Duration.ofSeconds(2));
    // No help from heartbeats: only the write timeout can end this.
    rabbit = RabbitMessaging.open(quick(node).heartbeat(Duration.ofMinutes(10)).build());
    String queue = classic();
    Publisher publisher =
        rabbit.publisher("").inFlight(1000).timeout(Duration.ofSeconds(20)).build();
    assertThat(result(publisher.publish(text("before").routingKey(queue))))
        .isEqualTo(new Confirmed());
    node.freeze();
    byte[] large = new byte[4 << 20];
    List<CompletionStage<PublishOutcome>> outcomes = new ArrayList<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; i < 10; i++) {
                outcomes.add(publisher.publish(Message.of(large).routingKey(queue)));
              }
            });
    writer.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
    writer.start();
    writer.join(PATIENCE.toMillis());
    assertThat(writer.isAlive()).isFalse();
    assertThat(failure.get()).isNull();
    await().atMost(PATIENCE).until(() -> rabbit.state() == ResourceState.RECOVERING);
    node.thaw();
    await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
    List<PublishOutcome> settled = new ArrayList<>();
    for (CompletionStage<PublishOutcome> outcome : outcomes) {
      settled.add(result(outcome));
    }
    assertThat(settled).hasAtLeastOneElementOfType(Unknown.class).contains(new Confirmed());
    kept = node;
  }

  @Test
  void aBlockedBrokerIsWaitedForAndPublishingGoesOnByItself() throws Exception {
    String queue = classic();
    Publisher publisher = rabbit.publisher("").timeout(PATIENCE).build();
    assertThat(result(publisher.publish(text("before").routingKey(queue))))
        .isEqualTo(new Confirmed());
    node.memoryAlarm(true);
    // The broker blocks a connection when it publishes under the alarm.
    CompletionStage<PublishOutcome> trigger = publisher.publish(text("one").routingKey(queue));
    await()
        .atMost(PATIENCE)
        .until(() -> rabbit.health().toJson().contains("blocked by the broker"));
    List<CompletionStage<PublishOutcome>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting.add(publisher.publish(text("m" + i).routingKey(queue)));
    }
    assertThatExceptionOfType(NotPublishedException.class)
        .isThrownBy(
            () -> publisher.publishAndWait(text("brief").routingKey(queue), Duration.ofMillis(300)))
        .satisfies(e -> assertThat(e.isRetryable()).isTrue());

    node.memoryAlarm(false);
    assertThat(result(trigger)).isEqualTo(new Confirmed());
    for (CompletionStage<PublishOutcome> outcome : waiting) {
      assertThat(result(outcome)).isEqualTo(new Confirmed());
    }
    await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
    kept = node;
  }

  @Test
  void closingWhileBlockedEndsWithinItsTime() throws Exception {
    String queue = classic();
    Publisher publisher = rabbit.publisher("").timeout(PATIENCE).build();
    node.memoryAlarm(true);
    CompletionStage<PublishOutcome> sent = publisher.publish(text("one").routingKey(queue));
    await()
        .atMost(PATIENCE)
        .until(() -> rabbit.health().toJson().contains("blocked by the broker"));
    CompletionStage<PublishOutcome> waiting = publisher.publish(text("two").routingKey(queue));

    long start = System.nanoTime();
    rabbit.close(Duration.ofSeconds(1));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(result(sent)).isInstanceOf(Unknown.class);
    assertThat(waiting.toCompletableFuture())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(NotPublishedException.class);
    node.memoryAlarm(false);
    kept = node;
  }

  @Test
  void closingWhileTheBrokerIsFrozenOrAwayEndsWithinItsTime() {
    rabbit.consumer(classic()).start(Delivery::ack);
    rabbit.publisher("").build();
    node.freeze();
    long start = System.nanoTime();
    rabbit.close(Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));

    node.thaw();
    RabbitMessaging other = RabbitMessaging.open(quick(node).build());
    node.kill();
    await().atMost(PATIENCE).until(() -> other.state() == ResourceState.RECOVERING);
    start = System.nanoTime();
    other.close(Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(other.state()).isEqualTo(ResourceState.CLOSED);
  }

  @Test
  void whatAnOperatorClosesComesBack() throws Exception {
    String queue = classic();
    Publisher publisher = rabbit.publisher("").build();
    await().atMost(PATIENCE).until(() -> publisher.state() == ResourceState.OPEN);
    for (int i = 0; i < 3; i++) {
      node.closeConnections("maintenance");
      await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
      assertThat(result(publisher.publish(text("m" + i).routingKey(queue))))
          .isEqualTo(new Confirmed());
    }
    kept = node;
  }

  @Test
  void whatIsPublishedWhileTheBrokerIsAwayWaitsForIt() throws Exception {
    String queue = classic();
    Publisher publisher = rabbit.publisher("").timeout(PATIENCE).build();
    awaitGrown();
    node.kill();
    await().atMost(PATIENCE).until(() -> rabbit.state() == ResourceState.RECOVERING);
    List<CompletionStage<PublishOutcome>> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(publisher.publish(text("m" + i).routingKey(queue)));
    }
    node.restart();
    for (CompletionStage<PublishOutcome> outcome : waiting) {
      assertThat(result(outcome)).isEqualTo(new Confirmed());
    }
    kept = node;
  }

  @Test
  void aBrokerThatIsNotThereIsReportedWhenTheTimeIsUp() {
    RabbitSettings settings = quick(node).openTimeout(Duration.ofSeconds(1)).build();
    node.kill();
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> RabbitMessaging.open(settings))
        .withMessageContaining(String.valueOf(node.port()))
        .satisfies(e -> assertThat(e.isRetryable()).isTrue());
  }

  /** A killed RabbitMQ 3.10 forgets a younger queue: it writes its directory behind. */
  private static void awaitGrown() {
    long born = System.nanoTime();
    await().atMost(PATIENCE).until(() -> System.nanoTime() - born > 3_000_000_000L);
  }

  private String classic() {
    String queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    return queue;
  }
}
