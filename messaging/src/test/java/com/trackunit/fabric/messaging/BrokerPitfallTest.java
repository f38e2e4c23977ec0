// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import com.trackunit.fabric.testkit.brokers.FaultProxy;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The pitfalls that need a broker of their own (alarms, freezing, few channels), by their numbers
 * in the list of messaging pitfalls. Each shows first what the naive solution does, then that ours
 * does not.
 */
@Tag("broker")
@Tag("contract")
class BrokerPitfallTest {
  private static RabbitMqNode node;
  private RabbitMessaging rabbit;
  private String queue;

  @BeforeAll
  static void startNode() {
    node = RabbitMqNode.builder().setting("channel_max", "8").start();
    node.rabbitmqctl("eval", "application:set_env(rabbit, channel_tick_interval, 500).");
  }

  @AfterAll
  static void stopNode() {
    node.close();
  }

  @BeforeEach
  void open() {
    rabbit = RabbitMessaging.open(quick(node.port()).build());
    queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
  }

  @AfterEach
  void close() {
    node.memoryAlarm(false);
    rabbit.close(Duration.ofSeconds(2));
  }

  private static RabbitSettings.Builder quick(int port) {
    return Fixtures.settings(node)
        .port(port)
        .heartbeat(Duration.ofSeconds(1))
        .rpcTimeout(Duration.ofSeconds(5))
        .writeTimeout(Duration.ofSeconds(2));
  }

  @Test
  void pitfall08ABlockedBrokerTakesAcksAndTheCallerIsTold() throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      publish("naive");
      BlockingQueue<Long> tags = consume(raw.channel(), queue);
      long tag = next(tags);
      node.memoryAlarm(true);
      raw.channel().basicPublish("", queue, null, new byte[0]);
      raw.channel().basicAck(tag, false);
      await()
          .during(Duration.ofSeconds(1))
          .atMost(PATIENCE)
          .until(() -> unacknowledged() >= 1); // naive: the ack is not read
      node.memoryAlarm(false);
      await().atMost(PATIENCE).until(() -> unacknowledged() == 1);
      raw.channel().queueDelete(queue);
    }
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    Publisher publisher = rabbit.publisher("").timeout(PATIENCE).build();
    rabbit.consumer(queue).start(deliveries::add);
    publish("ours");
    Delivery delivery = next(deliveries);
    node.memoryAlarm(true);
    CompletionStage<PublishOutcome> held = publisher.publish(text("held").routingKey(queue));
    await().atMost(PATIENCE).until(() -> rabbit.health().toJson().contains("blocked"));
    delivery.ack();
    await().atMost(PATIENCE).until(() -> unacknowledged() == 0);
    assertThat(held.toCompletableFuture()).isNotDone();
    node.memoryAlarm(false);
    assertThat(result(held)).isEqualTo(new Confirmed());
  }

  @Test
  void pitfall09CloseGetsPastAWriterThatHangsInItsSocket() throws Exception {
    byte[] large = new byte[8 << 20];
    RawClient raw = RawClient.connect(node);
    node.freeze();
    Thread writer = new Thread(() -> publishQuietly(raw.channel(), large));
    writer.start();
    await().atMost(PATIENCE).until(() -> isInSocketWrite(writer));
    Thread closer = new Thread(raw::abort);
    closer.start();
    closer.join(4000);
    assertThat(closer.isAlive()).as("naive: abort with a timeout of 1 s").isTrue();
    node.thaw();
    closer.join(PATIENCE.toMillis());
    writer.join(PATIENCE.toMillis());

    RabbitMessaging ours =
        RabbitMessaging.open(quick(node.port()).heartbeat(Duration.ofMinutes(10)).build());
    Publisher publisher = ours.publisher("").build();
    assertThat(result(publisher.publish(text("before").routingKey(queue))).isConfirmed()).isTrue();
    node.freeze();
    Thread hangs = new Thread(() -> publisher.publish(Message.of(large).routingKey(queue)));
    hangs.start();
    await().atMost(PATIENCE).until(() -> isInSocketWrite(hangs));
    long start = System.nanoTime();
    ours.close(Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    hangs.join(PATIENCE.toMillis());
    assertThat(hangs.isAlive()).isFalse();
    node.thaw();
  }

  @Test
  void pitfall13AConsumerThatHoldsAMessageTooLongComesBackAndItsSiblingStays() throws Exception {
    Consumer sibling = rabbit.consumer(queue).start(Delivery::ack);
    await().atMost(PATIENCE).until(() -> sibling.state() == ResourceState.OPEN);
    List<Object> changes = new ArrayList<>();
    sibling.addStateListener(changes::add);
    String held = fresh("held");
    rabbit.apply(Topology.builder().queue(held, QueueOptions::classic).build());
    node.rabbitmqctl("eval", "application:set_env(rabbit, consumer_timeout, 1000).");
    try (RawClient raw = RawClient.connect(node)) {
      raw.channel().basicPublish("", held, null, new byte[0]);
      BlockingQueue<Long> tags = consume(raw.channel(), held);
      long unused = next(tags);
      await().atMost(PATIENCE).until(() -> !raw.channel().isOpen()); // naive: silent from now on
    }
    BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    rabbit.consumer(held).start(deliveries::add);
    Delivery first = next(deliveries);
    Delivery again = next(deliveries);
    node.rabbitmqctl("eval", "application:set_env(rabbit, consumer_timeout, 1800000).");
    assertThat(again.isRedelivered()).isTrue();
    assertThat(first.ack()).isEqualTo(SettleResult.STALE);
    assertThat(changes).isEmpty();
    assertThat(rabbit.state()).isEqualTo(ResourceState.OPEN);
  }

  @Test
  void pitfall15NoChannelLeftIsAnErrorWithAReasonAndSoIsARedeclaration() throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      while (raw.another() != null) {
        // until the connection has none left
      }
      assertThat((Object) raw.another()).as("naive: null instead of an error").isNull();
    }
    List<Consumer> consumers = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      consumers.add(rabbit.consumer(queue).start(Delivery::ack));
    }
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                consumers.stream()
                    .anyMatch(one -> one.health().detail().contains("no channel left")));
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> rabbit.apply(Topology.builder().queue(fresh("one")).build()))
        .withMessageContaining("close unused publishers and consumers");
    consumers.forEach(Consumer::close);
    assertThatExceptionOfType(TopologyConflictException.class)
        .isThrownBy(
            () ->
                rabbit.apply(
                    Topology.builder()
                        .queue(fresh("other"))
                        .queue(queue + "x")
                        .build()
                        .plus(conflicting())))
        .withMessageContaining("x-max-length");
    assertThat(rabbit.state()).isEqualTo(ResourceState.OPEN);
  }

  private Topology conflicting() throws Exception {
    String name = fresh("other");
    try (RawClient raw = RawClient.connect(node)) {
      raw.declare(name, java.util.Map.of("x-queue-type", "classic", "x-max-length", 5));
    }
    return Topology.builder().queue(name, QueueOptions::classic).build();
  }

  @Test
  void pitfall18ASilentPeerIsFoundByHeartbeatAndNothingWaitsForIt() throws Exception {
    try (FaultProxy proxy = FaultProxy.before(node.host(), node.port());
        RawClient naive = RawClient.withoutHeartbeat(node, proxy.port());
        RabbitMessaging ours = RabbitMessaging.open(quick(proxy.port()).build())) {
      Publisher publisher = ours.publisher("").timeout(Duration.ofSeconds(20)).build();
      assertThat(result(publisher.publish(text("1").routingKey(queue)))).isEqualTo(new Confirmed());
      proxy.halfOpen();
      CompletionStage<PublishOutcome> lost = publisher.publish(text("2").routingKey(queue));
      await().atMost(PATIENCE).until(() -> ours.state() == ResourceState.RECOVERING);
      assertThat(result(lost)).isInstanceOf(Unknown.class);
      assertThat(naive.channel().isOpen()).as("naive: it believes in its connection").isTrue();
      proxy.heal();
      await().atMost(PATIENCE).until(() -> ours.health().isUp());
      assertThat(result(publisher.publish(text("3").routingKey(queue)))).isEqualTo(new Confirmed());
      naive.abort();
    }
  }

  @Test
  void aConnectionThatIsNotReadIsLeftWhateverItsHeartbeatSays() throws Exception {
    try (FaultProxy proxy = FaultProxy.before(node.host(), node.port());
        RabbitMessaging ours =
            RabbitMessaging.open(
                quick(proxy.port())
                    .heartbeat(Duration.ofMinutes(10)) // as good as one that always comes
                    .rpcTimeout(Duration.ofSeconds(1))
                    .build())) {
      Publisher publisher = ours.publisher("").inFlight(1).timeout(Duration.ofSeconds(2)).build();
      assertThat(result(publisher.publish(text("1").routingKey(queue)))).isEqualTo(new Confirmed());
      proxy.halfOpen();
      assertThat(result(publisher.publish(text("2").routingKey(queue))))
          .isInstanceOf(Unknown.class);
      await().atMost(PATIENCE).until(() -> ours.state() == ResourceState.RECOVERING);
      proxy.cut();
      proxy.heal();
      await().atMost(PATIENCE).until(() -> ours.health().isUp());
      assertThat(result(publisher.publish(text("3").routingKey(queue)))).isEqualTo(new Confirmed());
    }
  }

  private static boolean isInSocketWrite(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().contains("write") && frame.getClassName().contains("Socket")) {
        return true;
      }
    }
    return false;
  }

  private void publishQuietly(Channel channel, byte[] body) {
    try {
      for (int i = 0; i < 4; i++) {
        channel.basicPublish("", queue, null, body);
      }
    } catch (IOException | RuntimeException e) {
      // The end of the naive solution.
    }
  }

  private static BlockingQueue<Long> consume(Channel channel, String from) throws IOException {
    BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
    channel.basicConsume(
        from,
        false,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            tags.add(envelope.getDeliveryTag());
          }
        });
    return tags;
  }

  private void publish(String body) throws Exception {
    try (Publisher publisher = rabbit.publisher("").build()) {
      assertThat(publisher.publishAndWait(text(body).routingKey(queue), PATIENCE).isConfirmed())
          .isTrue();
    }
  }

  private long unacknowledged() {
    String listed = node.rabbitmqctl("list_queues", "name", "messages_unacknowledged");
    return listed
        .lines()
        .filter(line -> line.startsWith(queue))
        .mapToLong(line -> Long.parseLong(line.substring(queue.length()).strip()))
        .findFirst()
        .orElse(-1);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS), "nothing came in time");
  }
}
