// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.GetResponse;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("broker")
@Tag("contract")
class TopologyTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RabbitMqNode node;
  private RabbitMessaging rabbit;

  @BeforeEach
  void useTheBroker() {
    node = broker.node();
    rabbit = broker.rabbit();
  }

  @Test
  void everyKindOfExchangeRoutesAndWhatIsRoutedNowhereGoesToTheAlternate() throws Exception {
    String x = fresh("x");
    rabbit.apply(
        Topology.builder()
            .virtualHost("/")
            .fanout(x + ".fanout")
            .direct(x + ".direct")
            .topic(x + ".topic")
            .headers(x + ".headers")
            .alternate(x + ".headers", x + ".fanout")
            .queue(x + ".all", QueueOptions::classic)
            .queue(x + ".one", q -> q.classic().priorities(5).maxLength(100).maxBytes(10_000))
            .bind(x + ".fanout", x + ".all")
            .bind(x + ".direct", x + ".one", "k")
            .bind(x + ".topic", x + ".one", "a.*")
            .bindWhenAll(x + ".headers", x + ".one", Map.of("kind", "photo", "big", true))
            .build());
    send(x + ".direct", text("direct").routingKey("k"));
    send(x + ".topic", text("topic").routingKey("a.b"));
    send(x + ".headers", text("headers").header("kind", "photo").header("big", true));
    send(x + ".headers", text("alternate").header("kind", "photo"));
    assertThat(textsIn(x + ".one")).containsExactly("direct", "topic", "headers");
    assertThat(textsIn(x + ".all")).containsExactly("alternate");
  }

  @Test
  void allDifferencesAreShownSideBySideAndVerifyChangesNothing() throws Exception {
    String x = fresh("x");
    rabbit.apply(
        Topology.builder()
            .direct(x + ".events")
            .queue(x + ".a", q -> q.deliveryLimit(3))
            .queue(x + ".b", q -> q.classic().messageTtl(Duration.ofSeconds(5)))
            .build());
    Topology wanted =
        Topology.builder()
            .topic(x + ".events")
            .queue(x + ".a", q -> q.deliveryLimit(4))
            .queue(x + ".b", q -> q.classic().messageTtl(Duration.ofSeconds(6)))
            .queue(x + ".c")
            .build();
    try (RabbitMessaging other = Fixtures.open(node)) {
      assertThat(other.verify(wanted))
          .containsExactly(
              new TopologyDifference("exchange '" + x + ".events'", "type", "topic", "direct"),
              new TopologyDifference("queue '" + x + ".a'", "x-delivery-limit", "4", "3"),
              new TopologyDifference("queue '" + x + ".b'", "x-message-ttl", "6000", "5000"),
              new TopologyDifference("queue '" + x + ".c'", "existence", "present", "missing"));
      assertThat(other.verify(Topology.builder().queue(x + ".c").build()))
          .as("verify has not declared it")
          .hasSize(1);
      assertThatExceptionOfType(TopologyConflictException.class)
          .isThrownBy(() -> other.apply(wanted))
          .satisfies(e -> assertThat(e.differences()).hasSize(3))
          .withMessageContaining("asked for")
          .withMessageContaining("broker has");
      assertThat(other.state()).isEqualTo(ResourceState.OPEN);
    }
  }

  @Test
  void aTopologyOfAnotherVirtualHostIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rabbit.apply(Topology.builder().virtualHost("other").build()))
        .withMessageContaining("other");
  }

  @Test
  void aDeletedQueueStaysDeletedAfterAReconnectionUnlessItIsToBeRecreatedAndThenTheGapIsTold()
      throws Exception {
    String x = fresh("x");
    List<String> gaps = new CopyOnWriteArrayList<>();
    rabbit.addGapListener(gaps::add);
    Topology topology =
        Topology.builder()
            .fanout(x + ".events")
            .queue(x + ".shared")
            .queue(x + ".mine", q -> q.perReplica(Duration.ofHours(1)))
            .bind(x + ".events", x + ".shared")
            .bind(x + ".events", x + ".mine")
            .build();
    rabbit.apply(topology);
    try (RawClient raw = RawClient.connect(node)) {
      raw.channel().queueDelete(x + ".shared");
      raw.channel().queueDelete(x + ".mine");
    }
    node.closeConnections("test");
    await().atMost(PATIENCE).until(() -> gaps.contains(x + ".mine"));
    await().atMost(PATIENCE).until(() -> rabbit.state() == ResourceState.OPEN);
    assertThat(gaps).containsOnly(x + ".mine");
    assertThat(rabbit.verify(topology))
        .extracting(TopologyDifference::subject)
        .containsExactly("queue '" + x + ".shared'");
    send(x + ".events", text("again"));
    assertThat(textsIn(x + ".mine")).containsExactly("again");
  }

  @Test
  void aQueueOfOnesOwnThatSomebodyDeletesIsRecreatedForItsConsumer() throws Exception {
    String queue = fresh("mine");
    rabbit.apply(Topology.builder().queue(queue, q -> q.perReplica(Duration.ofHours(1))).build());
    List<String> seen = new CopyOnWriteArrayList<>();
    Consumer consumer =
        rabbit
            .consumer(queue)
            .start(
                delivery -> {
                  delivery.ack();
                  seen.add(text(delivery));
                });
    await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.OPEN);
    try (RawClient raw = RawClient.connect(node)) {
      raw.channel().queueDelete(queue);
    }
    await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.RECOVERING);
    await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.OPEN);
    send("", text("on").routingKey(queue));
    await().atMost(PATIENCE).until(() -> seen.contains("on"));
  }

  private void send(String exchange, Message message) throws Exception {
    try (Publisher publisher = rabbit.publisher(exchange).build()) {
      assertThat(publisher.publishAndWait(message, PATIENCE).isConfirmed()).isTrue();
    }
  }

  private List<String> textsIn(String queue) throws Exception {
    List<String> texts = new CopyOnWriteArrayList<>();
    try (RawClient raw = RawClient.connect(node)) {
      for (GetResponse got = raw.channel().basicGet(queue, true);
          got != null;
          got = raw.channel().basicGet(queue, true)) {
        texts.add(new String(got.getBody(), StandardCharsets.UTF_8));
      }
    }
    return texts;
  }
}
