// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("broker")
@Tag("contract")
class EventsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static RabbitMqNode node;
  private static RabbitMessaging rabbit;

  private final String exchange = "events-" + UUID.randomUUID();
  private final String queue = exchange + ".billing";
  private final EventType<StartedV1> v1 = EventType.json(exchange, "started.v1", StartedV1.class);
  private final EventType<StartedV2> v2 = EventType.json(exchange, "started.v2", StartedV2.class);

  record StartedV1(String machine) {}

  record StartedV2(String machine, @Nullable Integer photos) {}

  @BeforeAll
  static void open() {
    node = RabbitMqNode.start();
    rabbit =
        RabbitMessaging.open(
            RabbitSettings.builder(node.host(), node.user(), node.password())
                .port(node.port())
                .build());
  }

  @AfterAll
  static void close() {
    rabbit.close();
    node.close();
  }

  @Test
  void versionsSideBySideReachTheirHandlersAndTheRestTheDeadLetters() throws Exception {
    declare();
    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue)
        .start(
            Subscription.to(v1, (event, delivery) -> seen.add(event))
                .and(v2, (event, delivery) -> seen.add(event)));
    BlockingQueue<Delivery> dead = deadLetters();
    TypedPublisher<StartedV1> old = TypedPublisher.open(rabbit, v1);
    TypedPublisher<StartedV2> now = TypedPublisher.open(rabbit, v2);
    assertThat(old.publishAndWait(new StartedV1("digger"), m -> m, PATIENCE).isConfirmed())
        .isTrue();
    assertThat(now.publishAndWait(new StartedV2("crane", 3), m -> m, PATIENCE).isConfirmed())
        .isTrue();
    assertThat(next(seen)).isEqualTo(new StartedV1("digger"));
    assertThat(next(seen)).isEqualTo(new StartedV2("crane", 3));
    var unused =
        old.publish(new StartedV1("x"), m -> m.header(MessageType.SCHEMA_HEADER, "started.v9"));
    assertThat(next(dead).header("x-fabric-dead-reason").orElseThrow()).contains("started.v9");
    try (var raw = rabbit.publisher(exchange).build()) {
      var alsoUnused =
          raw.publishAndWait(
              Message.of("{\"machine\":7,".getBytes(StandardCharsets.UTF_8))
                  .header(MessageType.SCHEMA_HEADER, "started.v1"),
              PATIENCE);
      assertThat(alsoUnused.isConfirmed()).isTrue();
    }
    assertThat(next(dead).header("x-fabric-dead-cause").orElseThrow())
        .contains("StartedV1")
        .doesNotContain("machine\":7");
  }

  @Test
  void unknownFieldsAreIgnoredAndErrorsNeverQuoteTheBody() {
    JsonCodec<StartedV1> codec = JsonCodec.of(StartedV1.class);
    assertThat(codec.decode(bytes("{\"machine\":\"digger\",\"colour\":\"yellow\"}")))
        .isEqualTo(new StartedV1("digger"));
    for (String bad : new String[] {"", "null", "[]", "{\"machine\":{\"secret\":1}}", "{} {}"}) {
      assertThatExceptionOfType(UnreadableBodyException.class)
          .as(bad)
          .isThrownBy(() -> codec.decode(bytes(bad)))
          .satisfies(e -> assertThat(e.toString()).doesNotContain("secret"));
    }
  }

  @Test
  void anInboxRunsTheEffectOnceForEachId() throws Exception {
    declare();
    AtomicInteger effects = new AtomicInteger();
    BlockingQueue<Delivery> calls = new LinkedBlockingQueue<>();
    Inbox inbox = Inbox.before(new MemoryInbox(100), delivery -> effects.incrementAndGet());
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              inbox.handle(delivery);
              calls.add(delivery);
            });
    BlockingQueue<Delivery> dead = deadLetters();
    try (TypedPublisher<StartedV1> publisher = TypedPublisher.open(rabbit, v1)) {
      for (int i = 0; i < 3; i++) {
        assertThat(
                publisher
                    .publishAndWait(new StartedV1("x"), m -> m.messageId("same"), PATIENCE)
                    .isConfirmed())
            .isTrue();
      }
    }
    for (int i = 0; i < 3; i++) {
      assertThat(next(calls).messageId()).hasValue("same");
    }
    assertThat(effects).hasValue(1);
    assertThat(dead).isEmpty();
  }

  @Test
  void aFailedEffectIsNotRememberedAndTheOldestIdIsForgotten() throws Exception {
    MemoryInbox inbox = new MemoryInbox(2);
    assertThatExceptionOfType(java.io.IOException.class)
        .isThrownBy(
            () ->
                inbox.once(
                    "a",
                    () -> {
                      throw new java.io.IOException("away");
                    }));
    for (String id : new String[] {"a", "b", "c"}) {
      assertThat(inbox.once(id, () -> {})).isTrue();
    }
    assertThat(inbox.once("c", () -> {})).isFalse();
    assertThat(inbox.once("a", () -> {})).as("forgotten").isTrue();
  }

  @Test
  void misuseIsRefusedWithWhatToDo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Subscription.to(v1, (e, d) -> {}).and(v1, (e, d) -> {}))
        .withMessageContaining("two handlers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CommandType.json(exchange, "", "do.v1", StartedV1.class))
        .withMessageContaining("routing key is empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Subscription.to(v1, (e, d) -> {}).withoutSchemaAs("nope"))
        .withMessageContaining("started.v1");
  }

  private void declare() {
    rabbit.apply(
        Topology.builder()
            .fanout(exchange)
            .queue(queue + ".dead")
            .queue(queue, q -> q.deadLetterTo(queue + ".dead"))
            .bind(exchange, queue)
            .build());
  }

  private BlockingQueue<Delivery> deadLetters() {
    BlockingQueue<Delivery> dead = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue + ".dead")
        .start(
            delivery -> {
              delivery.ack();
              dead.add(delivery);
            });
    return dead;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS), "nothing came in time");
  }
}
