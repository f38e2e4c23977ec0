// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a failed attempt leads to: retries in place and through delay queues, dead letters. */
@Tag("broker")
@Tag("contract")
class FailedAttemptTest {
  private static final RetryPolicy QUICK = RetryPolicy.exponential(Duration.ofMillis(20), 3);

  @RegisterExtension private final OneBroker broker = new OneBroker();
  private RabbitMqNode node;
  private RabbitMessaging rabbit;

  @BeforeEach
  void useTheBroker() {
    node = broker.node();
    rabbit = broker.rabbit();
  }

  @Test
  void attemptsAreCountedInPlaceAndTheLastOneEndsInADeadLetterThatSaysWhy() throws Exception {
    String queue = withDeadLetters(q -> {});
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    rabbit
        .consumer(queue)
        .onFailure(QUICK.thenDeadLetter())
        .start(
            delivery -> {
              attempts.add(delivery.attempt());
              throw new IllegalArgumentException("no such machine");
            });
    Instant before = Instant.now();
    publish(queue, "poison");
    Delivery dead = next(deadLettersOf(queue));
    assertThat(attempts).containsExactly(1, 2, 3);
    assertThat(text(dead)).isEqualTo("poison");
    assertThat(dead.header("x-fabric-attempt")).hasValue("3");
    assertThat(dead.header("x-fabric-dead-reason"))
        .hasValue("no attempt left, the last one failed");
    assertThat(dead.header("x-fabric-dead-cause"))
        .hasValue("java.lang.IllegalArgumentException: no such machine");
    assertThat(dead.header("x-fabric-original-queue")).hasValue(queue);
    assertThat(dead.routingKey()).isEqualTo(queue);
    Instant first = Instant.parse(dead.header("x-fabric-first-failed-at").orElseThrow());
    Instant last = Instant.parse(dead.header("x-fabric-last-failed-at").orElseThrow());
    assertThat(first).isBetween(before.minusSeconds(1), last);
    await().atMost(PATIENCE).until(() -> messagesIn(queue) == 0);
  }

  @Test
  void inDelayQueuesTheMessageComesBackWithItsAttemptAndItsOriginAndFreesItsPlace()
      throws Exception {
    String queue = withDeadLetters(q -> {});
    BlockingQueue<Delivery> seen = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue)
        .prefetch(1)
        .onFailure(RetryPolicy.exponential(Duration.ofMillis(300), 3).inDelayQueues())
        .start(
            delivery -> {
              seen.add(delivery);
              if (text(delivery).equals("bad")) {
                delivery.retry();
              } else {
                delivery.ack();
              }
            });
    BlockingQueue<Delivery> deadLetters = deadLettersOf(queue);
    publish(queue, "bad", "good");
    assertThat(text(next(seen))).isEqualTo("bad");
    assertThat(text(next(seen))).as("it overtakes the one that waits").isEqualTo("good");
    Delivery second = next(seen);
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.isRedelivered()).isTrue();
    assertThat(second.routingKey()).isEqualTo(queue);
    assertThat(next(seen).attempt()).isEqualTo(3);
    assertThat(next(deadLetters).header("x-fabric-attempt")).hasValue("3");
    assertThat(messagesIn(queue + ".retry.300")).isZero();
  }

  @Test
  void retryAfterWaitsAtLeastThatLongHereAndInADelayQueue() throws Exception {
    for (RetryPolicy policy :
        List.of(
            RetryPolicy.exponential(Duration.ofSeconds(1), 3),
            RetryPolicy.exponential(Duration.ofMillis(400), 3).inDelayQueues())) {
      String queue = withDeadLetters(q -> {});
      BlockingQueue<Long> at = new LinkedBlockingQueue<>();
      rabbit
          .consumer(queue)
          .onFailure(policy)
          .start(
              delivery -> {
                at.add(System.nanoTime());
                if (delivery.attempt() == 1) {
                  assertThatIllegalArgumentException()
                      .isThrownBy(() -> delivery.retryAfter(Duration.ofHours(30)))
                      .withMessageContaining("expected 0 to");
                  delivery.retryAfter(Duration.ofMillis(400));
                } else {
                  delivery.ack();
                }
              });
      publish(queue, "1");
      long first = next(at);
      assertThat(next(at) - first).isGreaterThanOrEqualTo(390_000_000L);
      await().atMost(PATIENCE).until(() -> messagesIn(queue) == 0);
    }
  }

  @Test
  void oneKeyThatFailsHoldsItsOwnLaneAndNoOther() throws Exception {
    String queue = withDeadLetters(QueueOptions::singleActiveConsumer);
    Map<String, List<String>> seen = new ConcurrentHashMap<>();
    CountDownLatch othersThrough = new CountDownLatch(50);
    rabbit
        .consumer(queue)
        .concurrency(4)
        .orderedBy(delivery -> delivery.header("key").orElse(""))
        .onFailure(RetryPolicy.forever(Duration.ofMillis(5)))
        .start(
            delivery -> {
              String key = delivery.header("key").orElseThrow();
              if (key.equals("slow") && othersThrough.getCount() > 0) {
                throw new IllegalStateException("not yet");
              }
              seen.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(text(delivery));
              delivery.ack();
              if (key.equals("fast")) {
                othersThrough.countDown();
              }
            });
    try (Publisher publisher = rabbit.publisher("").build()) {
      for (int i = 0; i < 50; i++) {
        for (String key : List.of("slow", "fast")) {
          var unused = publisher.publish(text("" + i).routingKey(queue).header("key", key));
        }
      }
    }
    await().atMost(PATIENCE).until(() -> seen.getOrDefault("slow", List.of()).size() == 50);
    List<String> inOrder = java.util.stream.IntStream.range(0, 50).mapToObj(i -> "" + i).toList();
    assertThat(seen.get("slow")).isEqualTo(inOrder);
    assertThat(seen.get("fast")).isEqualTo(inOrder);
  }

  @Test
  void anOrderedConsumerRefusesWhatWouldBreakItsOrder() throws Exception {
    String queue = withDeadLetters(QueueOptions::singleActiveConsumer);
    String shared = withDeadLetters(q -> {});
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> rabbit.consumer(queue).inOrder().onFailure(QUICK.inDelayQueues()).start(d -> {}))
        .withMessageContaining("out of its place");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rabbit.consumer(shared).orderedBy(Delivery::routingKey).start(d -> {}))
        .withMessageContaining("singleActiveConsumer()");
    BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    rabbit.consumer(queue).inOrder().start(arrived::add);
    publish(queue, "1");
    Delivery delivery = next(arrived);
    assertThatIllegalStateException()
        .isThrownBy(delivery::release)
        .withMessageContaining("loses its place");
    assertThat(delivery.ack()).as("it was not settled by the refusal").isEqualTo(SettleResult.SENT);
  }

  @Test
  void aHandlerThatRunsOutOfTimeIsAFailedAttemptAndItsThreadIsReplaced() throws Exception {
    String queue = withDeadLetters(q -> {});
    CountDownLatch never = new CountDownLatch(1);
    BlockingQueue<Delivery> hung = new LinkedBlockingQueue<>();
    BlockingQueue<String> through = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue)
        .onFailure(RetryPolicy.exponential(Duration.ofMillis(20), 2))
        .handlerTimeout(Duration.ofMillis(200))
        .start(
            delivery -> {
              if (text(delivery).equals("hangs")) {
                hung.add(delivery);
                awaitWhateverComes(never);
                return;
              }
              delivery.ack();
              through.add(text(delivery));
            });
    publish(queue, "hangs", "next");
    assertThat(next(through)).isEqualTo("next");
    Delivery first = next(hung);
    assertThat(next(hung).attempt()).isEqualTo(2);
    assertThat(first.ack()).isEqualTo(SettleResult.STALE);
    Delivery dead = next(deadLettersOf(queue));
    assertThat(dead.header("x-fabric-dead-cause").orElseThrow()).contains("handlerTimeout");
    never.countDown();
  }

  @Test
  void theKillSwitchPausesAConsumerWhoseAttemptsAllFailAndLetsItTryAgain() throws Exception {
    String queue = withDeadLetters(q -> {});
    AtomicInteger calls = new AtomicInteger();
    Consumer consumer =
        rabbit
            .consumer(queue)
            .onFailure(RetryPolicy.forever(Duration.ofMillis(1)))
            .killSwitch(KillSwitch.at(0.5, 10).pause(Duration.ofMillis(500)))
            .start(
                delivery -> {
                  if (calls.incrementAndGet() <= 10) {
                    throw new IllegalStateException("the database is away");
                  }
                  delivery.ack();
                });
    publish(queue, "1");
    await().atMost(PATIENCE).until(consumer::isPaused);
    assertThat(consumer.health().isUp()).isFalse();
    assertThat(consumer.health().detail()).contains("kill switch");
    assertThat(calls).hasValue(10);
    await().atMost(PATIENCE).until(() -> messagesIn(queue) == 0 && calls.get() == 11);
    assertThat(consumer.health().isUp()).isTrue();
  }

  @Test
  void aPausedConsumerHandsOutNothingAndDrainEndsWhatItHas() throws Exception {
    String queue = withDeadLetters(q -> {});
    BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    Consumer consumer = rabbit.consumer(queue).start(arrived::add);
    publish(queue, "1");
    Delivery first = next(arrived);
    assertThat(consumer.drain(Duration.ofMillis(50))).isFalse();
    publish(queue, "2");
    first.ack();
    assertThat(consumer.drain(PATIENCE)).isTrue();
    assertThat(consumer.isPaused()).isTrue();
    assertThat(arrived).isEmpty();
    consumer.resume();
    assertThat(text(next(arrived))).isEqualTo("2");
  }

  @Test
  void aDeadLetterWhoseTargetIsMissingStaysWhereItIs() throws Exception {
    String queue = fresh("work");
    rabbit.apply(Topology.builder().queue(queue).build());
    String dead = fresh("dead");
    rabbit.consumer(queue).deadLetterTo(dead).start(delivery -> delivery.deadLetter("unreadable"));
    publish(queue, "1");
    await().atMost(PATIENCE).until(() -> node.rabbitmqctl("list_queues").contains(queue));
    rabbit.apply(Topology.builder().queue(dead).build());
    BlockingQueue<Delivery> deadLetters = new LinkedBlockingQueue<>();
    rabbit.consumer(dead).start(deadLetters::add);
    assertThat(next(deadLetters).header("x-fabric-dead-reason")).hasValue("unreadable");
  }

  private static void awaitWhateverComes(CountDownLatch latch) {
    boolean over = false;
    while (!over) {
      try {
        over = latch.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        // It is such a handler.
      }
    }
  }

  private String withDeadLetters(java.util.function.Consumer<QueueOptions> more) {
    String queue = fresh("work");
    rabbit.apply(
        Topology.builder()
            .queue(queue + ".dead")
            .queue(
                queue, q -> more.accept(q.quorum().deliveryLimit(10).deadLetterTo(queue + ".dead")))
            .build());
    return queue;
  }

  private BlockingQueue<Delivery> deadLettersOf(String queue) {
    BlockingQueue<Delivery> deadLetters = new LinkedBlockingQueue<>();
    rabbit
        .consumer(queue + ".dead")
        .start(
            delivery -> {
              delivery.ack();
              deadLetters.add(delivery);
            });
    return deadLetters;
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    @Nullable T next = queue.poll(60, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private void publish(String queue, String... texts) throws Exception {
    try (Publisher publisher = rabbit.publisher("").build()) {
      for (String text : texts) {
        assertThat(publisher.publishAndWait(text(text).routingKey(queue), PATIENCE).isConfirmed())
            .isTrue();
      }
    }
  }

  private long messagesIn(String queue) throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      return raw.channel().messageCount(queue);
    }
  }
}
