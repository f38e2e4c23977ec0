// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("broker")
@Tag("contract")
class ConsumerTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RabbitMqNode node;
  private RabbitMessaging rabbit;

  @BeforeEach
  void useTheBroker() {
    node = broker.node();
    rabbit = broker.rabbit();
  }

  @Test
  void deliveriesComeInQueueOrder() throws Exception {
    String queue = classic();
    publish(queue, 500);
    List<String> seen = new CopyOnWriteArrayList<>();
    rabbit.consumer(queue).prefetch(7).start(into(seen));
    await().atMost(PATIENCE).until(() -> seen.size() == 500);
    assertThat(seen).isEqualTo(numbers(500));
  }

  @Test
  void aHandlerThatAlwaysThrowsLeadsToTheDeadLetterQueueAndTheWorkerLivesOn() throws Exception {
    String queue = fresh("work");
    String dead = queue + ".dead";
    rabbit.apply(
        Topology.builder()
            .queue(dead)
            .queue(queue, q -> q.quorum().deliveryLimit(2).deadLetterTo(dead))
            .build());
    List<String> attempts = new CopyOnWriteArrayList<>();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              attempts.add(text(delivery));
              if (text(delivery).equals("0")) {
                throw new AssertionError("poison");
              }
              delivery.ack();
            });
    BlockingQueue<String> deadLetters = new LinkedBlockingQueue<>();
    rabbit.consumer(dead).start(into(deadLetters));
    publish(queue, 3);

    assertThat(deadLetters.poll(60, TimeUnit.SECONDS)).isEqualTo("0");
    await().atMost(PATIENCE).until(() -> attempts.contains("2"));
    assertThat(attempts.stream().filter("0"::equals)).hasSize(3);
    assertThat(attempts.stream().filter("1"::equals)).hasSize(1);
  }

  @Test
  void deadLetterSkipsTheRemainingAttempts() throws Exception {
    String queue = fresh("work");
    String dead = queue + ".dead";
    rabbit.apply(
        Topology.builder()
            .queue(dead, QueueOptions::classic)
            .queue(queue, q -> q.classic().deadLetterTo(dead))
            .build());
    rabbit.consumer(queue).start(delivery -> delivery.deadLetter("cannot be read"));
    BlockingQueue<Delivery> deadLetters = new LinkedBlockingQueue<>();
    rabbit
        .consumer(dead)
        .start(
            delivery -> {
              delivery.ack();
              deadLetters.add(delivery);
            });
    publish(queue, 1);
    assertThat(deadLetters.poll(60, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void releaseAndRetryBringTheMessageAgain() throws Exception {
    String queue = classic();
    BlockingQueue<Boolean> redelivered = new LinkedBlockingQueue<>();
    List<SettleResult> results = new CopyOnWriteArrayList<>();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              int turn = results.size();
              results.add(
                  turn == 0 ? delivery.release() : turn == 1 ? delivery.retry() : delivery.ack());
              redelivered.add(delivery.isRedelivered());
            });
    publish(queue, 1);
    assertThat(redelivered.poll(60, TimeUnit.SECONDS)).isFalse();
    assertThat(redelivered.poll(60, TimeUnit.SECONDS)).isTrue();
    assertThat(redelivered.poll(60, TimeUnit.SECONDS)).isTrue();
    assertThat(results).containsOnly(SettleResult.SENT);
  }

  @Test
  void aSecondSettlementIsAnErrorOfTheCallerAndTheChannelLives() throws Exception {
    String queue = classic();
    BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    Consumer consumer =
        rabbit
            .consumer(queue)
            .start(
                delivery -> {
                  delivery.ack();
                  arrived.add(delivery);
                });
    publish(queue, 1);
    Delivery first = arrived.poll(60, TimeUnit.SECONDS);
    assertThat(first).isNotNull();
    assertThatIllegalStateException()
        .isThrownBy(first::retry)
        .withMessageContaining("settled already");
    publish(queue, 1);
    assertThat(arrived.poll(60, TimeUnit.SECONDS)).isNotNull();
    assertThat(consumer.state()).isEqualTo(ResourceState.OPEN);
  }

  @Test
  void settlingAfterTheConnectionWasLostAnswersStaleAndTheMessageComesAgain() throws Exception {
    String queue = classic();
    BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    Consumer consumer = rabbit.consumer(queue).start(arrived::add);
    publish(queue, 1);
    Delivery first = arrived.poll(60, TimeUnit.SECONDS);
    assertThat(first).isNotNull();

    node.closeConnections("test");

    Delivery second = arrived.poll(60, TimeUnit.SECONDS);
    assertThat(second).isNotNull();
    assertThat(second.isRedelivered()).isTrue();
    assertThat(first.ack()).isEqualTo(SettleResult.STALE);
    assertThat(second.ack()).isEqualTo(SettleResult.SENT);
    assertThat(consumer.close(PATIENCE).isClean()).isTrue();
    assertThat(messagesIn(queue)).isZero();
  }

  @Test
  void aDeletedQueueSilencesItsConsumerUntilItIsBackAndNoOther() throws Exception {
    String queue = classic();
    String sibling = classic();
    BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    BlockingQueue<String> siblings = new LinkedBlockingQueue<>();
    Consumer consumer = rabbit.consumer(queue).start(into(arrived));
    Consumer other = rabbit.consumer(sibling).start(into(siblings));
    await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.OPEN);
    try (RawClient raw = RawClient.connect(node)) {
      raw.channel().queueDelete(queue);
    }
    await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.RECOVERING);
    await().atMost(PATIENCE).until(() -> consumer.health().detail().contains("404"));
    assertThat(rabbit.health().isUp()).isFalse();
    publish(sibling, 1);
    assertThat(siblings.poll(60, TimeUnit.SECONDS)).isEqualTo("0");
    assertThat(other.state()).isEqualTo(ResourceState.OPEN);

    try (RawClient raw = RawClient.connect(node)) {
      raw.declare(queue, java.util.Map.of("x-queue-type", "classic"));
    }
    publish(queue, 1);
    assertThat(arrived.poll(60, TimeUnit.SECONDS)).isEqualTo("0");
    await().atMost(PATIENCE).until(() -> rabbit.health().isUp());
  }

  @Test
  void closeWaitsForTheHandlerAndGivesBackTheRestInOrder() throws Exception {
    String queue = classic();
    publish(queue, 10);
    CountDownLatch inHandler = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Consumer consumer =
        rabbit
            .consumer(queue)
            .prefetch(5)
            .start(
                delivery -> {
                  inHandler.countDown();
                  goOn.await();
                  delivery.ack();
                });
    assertThat(inHandler.await(60, TimeUnit.SECONDS)).isTrue();
    AtomicReference<CloseReport> report = new AtomicReference<>();
    Thread closer = new Thread(() -> report.set(consumer.close(PATIENCE)));
    closer.start();
    await().atMost(PATIENCE).until(() -> closer.getState() == Thread.State.TIMED_WAITING);
    goOn.countDown();
    closer.join(PATIENCE.toMillis());

    // The broker may have sent a sixth after the ack and before it heard of the cancellation.
    assertThat(report.get()).isIn(new CloseReport(1, 4, 0), new CloseReport(1, 5, 0));
    assertThat(consumer.close(PATIENCE)).isEqualTo(new CloseReport(0, 0, 0));
    List<String> rest = new CopyOnWriteArrayList<>();
    rabbit.consumer(queue).start(into(rest));
    await().atMost(PATIENCE).until(() -> rest.size() == 9);
    assertThat(rest).isEqualTo(numbers(10).subList(1, 10));
  }

  @Test
  void closeGivesUpOnAHandlerThatHangsAndSaysSo() throws Exception {
    String queue = classic();
    publish(queue, 1);
    CountDownLatch inHandler = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Consumer consumer =
        rabbit
            .consumer(queue)
            .start(
                delivery -> {
                  inHandler.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                  }
                });
    assertThat(inHandler.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(consumer.close(Duration.ofMillis(200))).isEqualTo(new CloseReport(0, 0, 1));
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(messagesIn(queue)).isEqualTo(1);
  }

  @Test
  void aHandlerMayCloseItsOwnConsumer() throws Exception {
    String queue = classic();
    publish(queue, 2);
    CompletableFuture<Consumer> self = new CompletableFuture<>();
    BlockingQueue<CloseReport> reports = new LinkedBlockingQueue<>();
    self.complete(
        rabbit
            .consumer(queue)
            .start(
                delivery -> {
                  delivery.ack();
                  reports.add(self.join().close(PATIENCE));
                }));
    CloseReport report = reports.poll(60, TimeUnit.SECONDS);
    assertThat(report).isNotNull();
    assertThat(report.unknown()).isZero();
    assertThat(self.join().state()).isEqualTo(ResourceState.CLOSED);
    assertThat(messagesIn(queue)).isEqualTo(1);
  }

  @Test
  void aStreamIsReadFromTheFirstAndGoesOnWhereItWasAfterALostConnection() throws Exception {
    String log = fresh("log");
    rabbit.apply(Topology.builder().queue(log, q -> q.stream().maxAge(Duration.ofDays(1))).build());
    publish(log, 20);
    List<String> seen = new CopyOnWriteArrayList<>();
    rabbit
        .consumer(log)
        .prefetch(10)
        .argument("x-stream-offset", "first")
        .start(
            delivery -> {
              String text = text(delivery);
              seen.add(text);
              if (text.equals("7") && seen.indexOf("7") == seen.size() - 1) {
                throw new IllegalStateException("once");
              }
              delivery.ack();
            });
    await().atMost(PATIENCE).until(() -> seen.size() == 21);
    List<String> expected = new ArrayList<>(numbers(20));
    expected.add(7, "7");
    assertThat(seen).isEqualTo(expected);

    node.closeConnections("test");
    try (RawClient raw = RawClient.connect(node)) {
      raw.channel()
          .basicPublish("", log, null, "20".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    await().atMost(PATIENCE).until(() -> seen.contains("20"));
    assertThat(seen).hasSize(22);
  }

  /** Acks each delivery and notes its text. */
  private static DeliveryHandler into(Collection<String> texts) {
    return delivery -> {
      texts.add(text(delivery));
      delivery.ack();
    };
  }

  private String classic() {
    String queue = fresh("queue");
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    return queue;
  }

  private void publish(String queue, int count) throws Exception {
    try (Publisher publisher = rabbit.publisher("").build()) {
      for (int i = 0; i < count; i++) {
        var unused = publisher.publish(text("" + i).routingKey(queue));
      }
      assertThat(publisher.close(PATIENCE)).isTrue();
    }
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  private long messagesIn(String queue) throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      return raw.channel().messageCount(queue);
    }
  }
}
