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
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("broker")
@Tag("contract")
class RabbitMessagingTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RabbitMqNode node;
  private RabbitMessaging rabbit;

  @BeforeEach
  void useTheBroker() {
    node = broker.node();
    rabbit = broker.rabbit();
  }

  @Test
  void applyingTwiceChangesNothing() {
    Topology topology =
        Topology.builder()
            .fanout(fresh("events"))
            .queue(fresh("shared"), q -> q.quorum().deliveryLimit(5).deadLetterTo("dead"))
            .queue(fresh("mine"), q -> q.classic().expiresAfter(Duration.ofHours(1)))
            .queue(fresh("log"), q -> q.stream().maxAge(Duration.ofDays(7)))
            .build();
    rabbit.apply(topology);
    rabbit.apply(topology);
    assertThat(rabbit.health().isUp()).isTrue();
  }

  @Test
  void aQueueWithAnotherDefinitionIsAConflictThatNamesBothAndTheConnectionLives() throws Exception {
    String queue = fresh("queue");
    try (RawClient raw = RawClient.connect(node)) {
      raw.declare(queue, Map.of("x-queue-type", "classic"));
    }
    assertThatExceptionOfType(TopologyConflictException.class)
        .isThrownBy(() -> rabbit.apply(Topology.builder().queue(queue).build()))
        .satisfies(
            e -> {
              assertThat(e.wanted()).contains(queue, "quorum");
              assertThat(e.found()).contains("classic");
              assertThat(e.isRetryable()).isFalse();
            });
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    assertThat(rabbit.state()).isEqualTo(ResourceState.OPEN);
  }

  @ParameterizedTest
  @MethodSource
  void anyArgumentThatDiffersIsAConflictThatShowsBothValues(
      java.util.function.Consumer<QueueOptions> before,
      java.util.function.Consumer<QueueOptions> after,
      List<String> shown) {
    String queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, before).build());
    try (RabbitMessaging other = Fixtures.open(node)) {
      assertThatExceptionOfType(TopologyConflictException.class)
          .isThrownBy(() -> other.apply(Topology.builder().queue(queue, after).build()))
          .satisfies(e -> assertThat(e.found()).contains(shown));
    }
  }

  static Stream<Arguments> anyArgumentThatDiffersIsAConflictThatShowsBothValues() {
    return Stream.of(
        conflict(q -> q.deliveryLimit(3), q -> q.deliveryLimit(4), "x-delivery-limit", "3", "4"),
        conflict(q -> q.quorum(), q -> q.deadLetterTo("dead"), "x-dead-letter", "none"),
        conflict(
            q -> q.stream().maxAge(Duration.ofSeconds(60)),
            q -> q.stream().maxAge(Duration.ofSeconds(90)),
            "60s",
            "90s"),
        conflict(
            q -> q.classic().expiresAfter(Duration.ofHours(1)),
            q -> q.classic(),
            "x-expires",
            "3600000",
            "none"));
  }

  private static Arguments conflict(
      java.util.function.Consumer<QueueOptions> before,
      java.util.function.Consumer<QueueOptions> after,
      String... shown) {
    return Arguments.of(before, after, List.of(shown));
  }

  @Test
  void anExchangeOfAnotherTypeIsAConflict() throws Exception {
    String exchange = fresh("exchange");
    try (RawClient raw = RawClient.connect(node)) {
      raw.channel().exchangeDeclare(exchange, "fanout", true);
    }
    assertThatExceptionOfType(TopologyConflictException.class)
        .isThrownBy(() -> rabbit.apply(Topology.builder().direct(exchange).build()))
        .withMessageContaining("durable direct")
        .withMessageContaining("fanout");
  }

  @Test
  void aBindingToNothingNamesWhatIsMissing() {
    String exchange = fresh("exchange");
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> rabbit.apply(Topology.builder().bind(exchange, "nowhere").build()))
        .withMessageContaining(exchange);
  }

  @Test
  void aWrongPasswordIsRefusedAtOnceAndNotShown() {
    RabbitSettings wrong =
        RabbitSettings.builder(node.host(), node.user(), Secret.of("hunter2"))
            .port(node.port())
            .openTimeout(PATIENCE)
            .build();
    assertThatExceptionOfType(RabbitAuthenticationException.class)
        .isThrownBy(() -> RabbitMessaging.open(wrong))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
  }

  @Test
  void aMissingVirtualHostIsRefusedAtOnce() {
    RabbitSettings wrong = Fixtures.settings(node).virtualHost("nobody's").build();
    assertThatExceptionOfType(RabbitAuthenticationException.class)
        .isThrownBy(() -> RabbitMessaging.open(wrong))
        .withMessageContaining("nobody's");
  }

  @Test
  void theUriOfABrokerOpensIt() throws Exception {
    try (RabbitMessaging other =
        RabbitMessaging.open(RabbitSettings.fromUri(node.amqpUri()).build())) {
      Publisher publisher = other.publisher("").build();
      assertThat(result(publisher.publish(text("x").routingKey("nobody"))))
          .isEqualTo(new PublishOutcome.Returned(312, "NO_ROUTE"));
    }
  }

  @Test
  void closingEndsEveryPartAndEveryThreadOfIt() {
    String queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    Publisher publisher = rabbit.publisher("").build();
    Consumer consumer = rabbit.consumer(queue).start(Delivery::ack);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                publisher.state() == ResourceState.OPEN && consumer.state() == ResourceState.OPEN);
    rabbit.close();
    rabbit.close();
    assertThat(rabbit.state()).isEqualTo(ResourceState.CLOSED);
    assertThat(publisher.state()).isEqualTo(ResourceState.CLOSED);
    assertThat(consumer.state()).isEqualTo(ResourceState.CLOSED);
    await().atMost(PATIENCE).until(RabbitMessagingTest::noThreadIsLeft);
  }

  private static boolean noThreadIsLeft() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .noneMatch(name -> name.startsWith("fabric-messaging-") || name.startsWith("AMQP Conn"));
  }
}
