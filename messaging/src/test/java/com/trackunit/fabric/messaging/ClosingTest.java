// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.RequestFailedException.Reason;
import com.trackunit.fabric.testkit.brokers.FaultProxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever the moment, a close ends within its time, and what is closed says so. (Closing while
 * blocked or while the broker is frozen: {@code BrokerFaultTest}.)
 */
@Tag("broker")
class ClosingTest {
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** The limit given, a second for each answer of the broker, and patience with a busy machine. */
  private static final Duration BOUND = Duration.ofSeconds(20);

  @RegisterExtension private final OneBroker broker = new OneBroker();
  private final String queue = fresh("closing");
  private FaultProxy proxy;
  private RabbitMessaging rabbit;
  private Publisher publisher;
  private Requester requester;

  @BeforeEach
  void open() {
    broker.rabbit().apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    proxy = FaultProxy.before(broker.node().host(), broker.node().port());
    rabbit = RabbitMessaging.open(Fixtures.settings(broker.node()).port(proxy.port()).build());
    publisher = rabbit.publisher("").build();
    requester = rabbit.requester("").build();
  }

  @AfterEach
  void close() {
    rabbit.close(SHORT);
    proxy.close();
  }

  @Test
  void closingTwiceDoesNothing() {
    Consumer consumer = rabbit.consumer(queue).start(Delivery::ack);
    for (int i = 0; i < 2; i++) {
      assertThat(consumer.close(SHORT).isClean()).isTrue();
      assertThat(publisher.close(SHORT)).isTrue();
      assertThat(requester.close(SHORT)).isTrue();
      rabbit.close(SHORT);
      assertThat(rabbit.state()).isEqualTo(ResourceState.CLOSED);
    }
  }

  @Test
  void aHandlerMayCloseEverythingEvenWhatItRunsOn() throws Exception {
    CompletableFuture<ResourceState> closed = new CompletableFuture<>();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              delivery.ack();
              publisher.close(SHORT);
              requester.close(SHORT);
              rabbit.close(SHORT);
              closed.complete(rabbit.state());
            });
    var unused = result(publisher.publish(text("close").routingKey(queue)));
    assertThat(result(closed)).isEqualTo(ResourceState.CLOSED);
  }

  @Test
  void aContinuationMayCloseItsPublisherAndItsMessaging() throws Exception {
    CompletableFuture<ResourceState> closed =
        publisher
            .publish(text("1").routingKey(queue))
            .thenApply(
                outcome -> {
                  publisher.close(SHORT);
                  rabbit.close(SHORT);
                  return rabbit.state();
                })
            .toCompletableFuture();
    assertThat(result(closed)).isEqualTo(ResourceState.CLOSED);
  }

  @Test
  void closingWhileReconnectingEndsInTimeAndSettlesWhatWaits() {
    Consumer consumer = rabbit.consumer(queue).start(Delivery::ack);
    proxy.refuse();
    proxy.cut();
    await().atMost(PATIENCE).until(() -> rabbit.state() == ResourceState.RECOVERING);
    var waiting = publisher.publish(text("1").routingKey(queue));
    var asking = requester.request(text("?").routingKey(queue));
    assertTimeout(BOUND, () -> consumer.close(SHORT));
    assertTimeout(BOUND, () -> publisher.close(SHORT));
    assertTimeout(BOUND, () -> requester.close(SHORT));
    assertTimeout(BOUND, () -> rabbit.close(SHORT));
    assertThat(rabbit.state()).isEqualTo(ResourceState.CLOSED);
    assertThat(waiting.toCompletableFuture())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(NotPublishedException.class);
    assertThat(asking.toCompletableFuture())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(RequestFailedException.class);
  }

  @Test
  void whatIsClosedSaysSoToWhoeverUsesIt() throws Exception {
    Consumer consumer = rabbit.consumer(queue).start(Delivery::ack);
    rabbit.close(SHORT);
    assertThatExceptionOfType(NotPublishedException.class)
        .isThrownBy(() -> publisher.publishAndWait(text("1").routingKey(queue), PATIENCE))
        .withMessageContaining("is closed")
        .satisfies(e -> assertThat(e.isRetryable()).isFalse());
    assertThatExceptionOfType(RequestFailedException.class)
        .isThrownBy(() -> requester.requestAndWait(text("?").routingKey(queue), PATIENCE))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    assertThatIllegalStateException()
        .isThrownBy(() -> rabbit.publisher("").build())
        .withMessageContaining("is closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> rabbit.requester("").build())
        .withMessageContaining("is closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> rabbit.consumer(queue).start(Delivery::ack))
        .withMessageContaining("is closed");
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> rabbit.apply(Topology.builder().queue(queue).build()));
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> rabbit.verify(Topology.builder().queue(queue).build()));
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> rabbit.deadLetters(queue).list(1));
    assertThat(consumer.drain(SHORT)).isTrue();
    assertThat(consumer.health().isUp()).isFalse();
    assertThat(rabbit.health().isUp()).isFalse();
  }
}
