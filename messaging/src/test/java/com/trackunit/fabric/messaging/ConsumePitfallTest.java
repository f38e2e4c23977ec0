// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The pitfalls of consuming, by their numbers in the list of messaging pitfalls. Each shows first
 * what the naive solution does on this broker with this client, then that ours does not.
 */
@Tag("broker")
@Tag("contract")
class ConsumePitfallTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RabbitMqNode node;
  private RabbitMessaging rabbit;
  private String queue;

  @BeforeEach
  void useTheBroker() {
    node = broker.node();
    rabbit = broker.rabbit();
    queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
  }

  @Test
  void pitfall05ASlowConsumerDelaysNoConfirm() throws Exception {
    publish(queue, 5000);
    CountDownLatch slow = new CountDownLatch(1);
    String target = fresh("target");
    rabbit.apply(Topology.builder().queue(target, QueueOptions::classic).build());
    try (RawClient raw = RawClient.connect(node)) {
      // First, for the flood below also keeps the client from reading the answer to confirm.select.
      Channel publishing = raw.another();
      publishing.confirmSelect();
      CountDownLatch consuming = new CountDownLatch(1);
      raw.channel()
          .basicConsume(
              queue,
              false,
              handler(
                  raw.channel(),
                  tag -> {
                    consuming.countDown();
                    awaitQuietly(slow);
                  }));
      assertThat(consuming.await(60, TimeUnit.SECONDS)).isTrue();
      await().atMost(PATIENCE).until(ConsumePitfallTest::isAReaderHeldByItsConsumers);
      Thread publisher =
          new Thread(
              () -> {
                try {
                  publishing.basicPublish("", target, null, new byte[0]);
                  publishing.waitForConfirmsOrDie(60_000);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      publisher.start();
      publisher.join(2000);
      assertThat(publisher.isAlive()).as("naive: the confirm waits for the handler").isTrue();
      slow.countDown();
      publisher.join(60_000);
    }
    CountDownLatch hold = new CountDownLatch(1);
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              hold.await();
              delivery.ack();
            });
    try (Publisher publisher = rabbit.publisher("").build()) {
      assertThat(publisher.publishAndWait(text("x").routingKey(target), Duration.ofSeconds(10)))
          .isEqualTo(new Confirmed());
    }
    hold.countDown();
  }

  private static boolean isAReaderHeldByItsConsumers() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().startsWith("AMQP Connection"))
        .flatMap(thread -> Arrays.stream(thread.getValue()))
        .anyMatch(frame -> frame.getClassName().endsWith(".WorkPool"));
  }

  @Test
  void pitfall06AConsumerThatCameBackIsThereOnceAndItsSiblingNeverNoticed() throws Exception {
    try (RawClient raw = RawClient.recovering(node)) {
      Channel dies = raw.channel();
      dies.basicConsume(queue, false, handler(dies, tag -> {}));
      Channel replacement = raw.another();
      replacement.basicConsume(queue, false, handler(replacement, tag -> {}));
      // Its owner has given it up without aborting it; the client has not.
      node.closeConnections("test");
      await().atMost(PATIENCE).until(() -> consumersOf(queue) == 2);
    }
    await().atMost(PATIENCE).until(() -> consumersOf(queue) == 0);
    String other = fresh("sibling");
    rabbit.apply(Topology.builder().queue(other, QueueOptions::classic).build());
    Consumer consumer = rabbit.consumer(queue).start(Delivery::ack);
    Consumer sibling = rabbit.consumer(other).start(Delivery::ack);
    AtomicInteger changes = new AtomicInteger();
    await().atMost(PATIENCE).until(() -> sibling.state() == ResourceState.OPEN);
    sibling.addStateListener(change -> changes.incrementAndGet());
    for (int i = 0; i < 2; i++) {
      await().atMost(PATIENCE).until(() -> consumersOf(queue) == 1);
      try (RawClient raw = RawClient.connect(node)) {
        raw.channel().queueDelete(queue);
        await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.RECOVERING);
        raw.declare(queue, Map.of("x-queue-type", "classic"));
      }
    }
    assertThat(changes).hasValue(0);
    node.closeConnections("test");
    await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
    await().atMost(PATIENCE).until(() -> consumersOf(queue) == 1 && consumersOf(other) == 1);
  }

  @Test
  void pitfall07SettlingALostDeliverySaysStale() throws Exception {
    publish(queue, 1);
    try (RawClient raw = RawClient.recovering(node)) {
      BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
      raw.channel().basicConsume(queue, false, handler(raw.channel(), tags::add));
      long first = next(tags);
      node.closeConnections("test");
      long again = next(tags);
      raw.channel().basicAck(first, false);
      assertThat(messagesIn(queue)).as("naive: acked without an error, yet here again").isZero();
      raw.channel().basicReject(again, true);
    }
    BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    Consumer consumer = rabbit.consumer(queue).start(deliveries::add);
    Delivery first = next(deliveries);
    node.closeConnections("test");
    Delivery again = next(deliveries);
    assertThat(first.ack()).isEqualTo(SettleResult.STALE);
    assertThat(again.ack()).isEqualTo(SettleResult.SENT);
    assertThat(consumer.close(PATIENCE).isClean()).isTrue();
    assertThat(messagesIn(queue)).isZero();
  }

  @Test
  void pitfall10NothingIsHandledAfterCloseAndNoAckIsLost() throws Exception {
    publish(queue, 100);
    AtomicInteger failedAcks = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    RawClient raw = RawClient.connect(node);
    Channel channel = raw.channel();
    channel.basicQos(100);
    String tag =
        channel.basicConsume(
            queue,
            false,
            handler(
                channel,
                delivered -> {
                  begun.countDown();
                  awaitMillis(5);
                  try {
                    channel.basicAck(delivered, false);
                  } catch (AlreadyClosedException e) {
                    failedAcks.incrementAndGet();
                  }
                }));
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    channel.basicCancel(tag);
    raw.close();
    await().atMost(PATIENCE).until(() -> failedAcks.get() > 0);
    AtomicInteger handled = new AtomicInteger();
    long before = messagesIn(queue);
    Consumer consumer =
        rabbit
            .consumer(queue)
            .prefetch(50)
            .start(
                delivery -> {
                  handled.incrementAndGet();
                  awaitMillis(5);
                  delivery.ack();
                });
    await().atMost(PATIENCE).until(() -> handled.get() > 5);
    CloseReport report = consumer.close(PATIENCE);
    int atClose = handled.get();
    assertThat(report.unknown()).isZero();
    assertThat(report.released()).isPositive();
    await().atMost(PATIENCE).until(() -> messagesIn(queue) == before - atClose);
    assertThat(handled).hasValue(atClose);
  }

  @Test
  void pitfall14AStreamIsReadWithAPrefetchWhichIsRefusedToBeNone() throws Exception {
    String log = fresh("log");
    rabbit.apply(Topology.builder().queue(log, QueueOptions::stream).build());
    publish(log, 3);
    try (RawClient raw = RawClient.connect(node)) {
      Channel channel = raw.channel();
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> channel.basicConsume(log, false, handler(channel, tag -> {}))))
          .as("naive: no prefetch")
          .isInstanceOf(IOException.class);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rabbit.consumer(log).prefetch(0))
        .withMessageContaining("prefetch is 0, expected 1 to");
    BlockingQueue<Delivery> seen = new LinkedBlockingQueue<>();
    rabbit
        .consumer(log)
        .argument("x-stream-offset", "first")
        .start(
            delivery -> {
              delivery.ack();
              seen.add(delivery);
            });
    assertThat(text(next(seen)) + text(next(seen)) + text(next(seen))).isEqualTo("012");
  }

  @Test
  void pitfall16AttemptsAreOurOwnCountBecauseTheBrokersStartsAnewAtEachQueue() throws Exception {
    String work = fresh("work");
    rabbit.apply(
        Topology.builder()
            .queue(work + ".dead")
            .queue(work, q -> q.deliveryLimit(10).deadLetterTo(work + ".dead"))
            .build());
    BlockingQueue<Delivery> attempts = new LinkedBlockingQueue<>();
    rabbit
        .consumer(work)
        .onFailure(
            RetryPolicy.exponential(Duration.ofMillis(50), 3)
                .limit(Duration.ofMillis(50))
                .inDelayQueues())
        .start(
            delivery -> {
              attempts.add(delivery);
              delivery.retry();
            });
    publish(work, 1);
    for (int attempt = 1; attempt <= 3; attempt++) {
      Delivery delivery = next(attempts);
      assertThat(delivery.headers().get("x-delivery-count")).as("naive: never counts").isNull();
      assertThat(delivery.attempt()).isEqualTo(attempt);
    }
    await().atMost(PATIENCE).until(() -> messagesIn(work + ".dead") == 1);
  }

  @Test
  void pitfall17AShortDelayIsNotHeldUpByALongOneBeforeIt() throws Exception {
    String naive = fresh("naive");
    try (RawClient raw = RawClient.connect(node)) {
      raw.declare(
          naive + ".delay",
          Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", naive));
      raw.declare(naive, Map.of());
      for (String ttl : new String[] {"60000", "50"}) {
        AMQP.BasicProperties expiring = new AMQP.BasicProperties.Builder().expiration(ttl).build();
        raw.channel().basicPublish("", naive + ".delay", expiring, new byte[0]);
      }
      awaitMillis(1000);
      assertThat(messagesIn(naive)).as("naive: one queue for all delays").isZero();
    }
    BlockingQueue<String> second = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue)
        .onFailure(
            RetryPolicy.exponential(Duration.ofMillis(100), 8)
                .limit(Duration.ofSeconds(60))
                .inDelayQueues())
        .start(
            delivery -> {
              if (delivery.attempt() > 1) {
                delivery.ack();
                second.add(text(delivery));
              } else {
                delivery.retryAfter(Duration.ofMillis(text(delivery).equals("0") ? 12_800 : 100));
              }
            });
    publish(queue, 2);
    assertThat(second.poll(30, TimeUnit.SECONDS)).isEqualTo("1");
  }

  @FunctionalInterface
  private interface Handler {
    void handle(long tag) throws IOException;
  }

  private static DefaultConsumer handler(Channel channel, Handler handler) {
    return new DefaultConsumer(channel) {
      @Override
      public void handleDelivery(
          String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
          throws IOException {
        handler.handle(envelope.getDeliveryTag());
      }
    };
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      boolean unused = latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A handler's work. */
  private static void awaitMillis(long millis) {
    java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void publish(String to, int count) throws Exception {
    try (Publisher publisher = rabbit.publisher("").build()) {
      for (int i = 0; i < count; i++) {
        var unused = publisher.publish(text("" + i).routingKey(to));
      }
      assertThat(publisher.close(PATIENCE)).isTrue();
    }
  }

  private long messagesIn(String name) throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      return raw.channel().messageCount(name);
    }
  }

  private long consumersOf(String name) throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      return raw.channel().consumerCount(name);
    }
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS), "nothing came in time");
  }
}
