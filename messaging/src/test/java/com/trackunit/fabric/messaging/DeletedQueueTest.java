// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.core.ResourceState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Somebody deletes a queue and declares it anew within milliseconds. */
@Tag("broker")
@Tag("contract")
class DeletedQueueTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RawClient operator;

  @BeforeEach
  void connectOperator() throws Exception {
    operator = RawClient.connect(broker.node());
  }

  @AfterEach
  void disconnectOperator() throws Exception {
    operator.close();
  }

  @Test
  void aPlainConsumerIsNotToldByRabbitMq3AndCannotSeeItEither() throws Exception {
    String queue = fresh("queue");
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum");
    operator.declare(queue, quorum);
    try (RawClient raw = RawClient.connect(broker.node())) {
      AtomicInteger delivered = new AtomicInteger();
      AtomicBoolean cancelled = new AtomicBoolean();
      raw.channel().basicConsume(queue, false, counting(raw.channel(), delivered, cancelled));

      deleteAndDeclare(queue, quorum);
      operator.channel().basicPublish("", queue, null, new byte[0]);

      if (!isRabbitMq3(raw)) {
        await().atMost(PATIENCE).until(cancelled::get);
        return;
      }
      await().atMost(PATIENCE).until(() -> raw.channel().messageCount(queue) == 0);
      assertThat(raw.channel().consumerCount(queue)).as("the broker counts it").isEqualTo(1);
      assertThat(delivered).as("handed out, yet it never came").hasValue(0);
      assertThat(cancelled).isFalse();
    }
    await().atMost(PATIENCE).until(() -> operator.channel().messageCount(queue) == 1);
  }

  @Test
  void theTypeOfAQueueThatOthersDeclaredIsAskedForOnceAndOnlyOfRabbitMq3() throws Exception {
    try (RawClient raw = RawClient.connect(broker.node())) {
      Connection connection = raw.channel().getConnection();
      for (String type : new String[] {"quorum", "classic", "stream"}) {
        String queue = fresh(type);
        DeletionNotice notice = new DeletionNotice();
        assertThat(notice.isNeeded(connection, queue, null)).as("not there yet").isFalse();
        operator.declare(queue, Map.of("x-queue-type", type));
        boolean expected = type.equals("quorum") && isRabbitMq3(raw);
        assertThat(notice.isNeeded(connection, queue, null)).as(type).isEqualTo(expected);
        operator.channel().queueDelete(queue);
        assertThat(notice.isNeeded(connection, queue, null)).as("remembered").isEqualTo(expected);
        notice.forget();
        assertThat(notice.isNeeded(connection, queue, null)).as("forgotten").isFalse();
      }
    }
  }

  static Stream<Consumer<QueueOptions>> kinds() {
    return Stream.of(queue -> {}, QueueOptions::singleActiveConsumer, QueueOptions::classic);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void oursSubscribesAgainWhetherItKnowsTheQueueOrNot(Consumer<QueueOptions> kind)
      throws Exception {
    String known = fresh("known");
    String unknown = fresh("unknown");
    Topology topology = Topology.builder().queue(known, kind).build();
    broker.rabbit().apply(topology);
    Map<String, Object> arguments = queueOf(topology).arguments();
    operator.declare(unknown, arguments);
    for (String queue : Set.of(known, unknown)) {
      Set<String> seen = ConcurrentHashMap.newKeySet();
      var consumer =
          broker
              .rabbit()
              .consumer(queue)
              .start(
                  delivery -> {
                    seen.add(text(delivery));
                    delivery.ack();
                  });
      // The second time, RabbitMQ 3 would not even subscribe it by itself.
      for (String time : new String[] {"first", "second"}) {
        await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.OPEN);
        deleteAndDeclare(queue, arguments);
        operator.channel().basicPublish("", queue, null, time.getBytes(StandardCharsets.UTF_8));
        await().atMost(PATIENCE).until(() -> seen.contains(time));
      }
    }
  }

  private static Topology.Queue queueOf(Topology topology) {
    return topology.queues().values().iterator().next();
  }

  private void deleteAndDeclare(String queue, Map<String, Object> arguments) throws IOException {
    operator.channel().queueDelete(queue);
    operator.declare(queue, arguments);
  }

  private static boolean isRabbitMq3(RawClient raw) {
    Object version = raw.channel().getConnection().getServerProperties().get("version");
    return String.valueOf(version).startsWith("3.");
  }

  private static DefaultConsumer counting(
      Channel channel, AtomicInteger delivered, AtomicBoolean cancelled) {
    return new DefaultConsumer(channel) {
      @Override
      public void handleDelivery(
          String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        delivered.incrementAndGet();
      }

      @Override
      public void handleCancel(String tag) {
        cancelled.set(true);
      }
    };
  }
}
