// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Rejected;
import com.trackunit.fabric.messaging.PublishOutcome.Returned;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The pitfalls of publishing, by their numbers in the list of messaging pitfalls. Each shows first
 * what the naive solution does on this broker with this client, then that ours does not.
 */
@Tag("broker")
@Tag("contract")
class PublishPitfallTest {
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
  void pitfall01AFailedEncodeDoesNotShiftTheConfirmsBehindIt() throws Exception {
    AMQP.BasicProperties bad =
        new AMQP.BasicProperties.Builder().headers(Map.of("h", new Object())).build();
    try (RawClient raw = RawClient.connect(node)) {
      Channel channel = raw.channel();
      BlockingQueue<Long> confirmed = new LinkedBlockingQueue<>();
      channel.addConfirmListener((tag, multiple) -> confirmed.add(tag), (tag, multiple) -> {});
      channel.confirmSelect();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> channel.basicPublish("", queue, bad, new byte[0]));
      long expected = channel.getNextPublishSeqNo();
      channel.basicPublish("", queue, null, new byte[0]);
      assertThat(next(confirmed)).as("naive: off by one").isEqualTo(expected - 1);
    }
    Publisher publisher = rabbit.publisher("").build();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> publisher.publish(text("bad").routingKey(queue).header("h", new Object())));
    CompletionStage<PublishOutcome> lost = publisher.publish(text("nowhere").routingKey("nobody"));
    CompletionStage<PublishOutcome> good = publisher.publish(text("good").routingKey(queue));
    assertThat(result(lost)).isInstanceOf(Returned.class);
    assertThat(result(good)).isEqualTo(new Confirmed());
  }

  @Test
  void pitfall02ThreadsOnOnePublisherNeverShareASequenceNumber() throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      Channel channel = raw.channel();
      channel.confirmSelect();
      CyclicBarrier both = new CyclicBarrier(2);
      Set<Long> numbers = ConcurrentHashMap.newKeySet();
      inThreads(
          2,
          thread -> {
            long number = channel.getNextPublishSeqNo();
            both.await();
            channel.basicPublish("", queue, null, new byte[0]);
            numbers.add(number);
          });
      assertThat(numbers).as("naive: two messages, one number").hasSize(1);
    }
    // Each thread sends one message in two nowhere: a number shared or swapped shows as the wrong
    // outcome.
    Publisher publisher = rabbit.publisher("").build();
    AtomicInteger wrong = new AtomicInteger();
    inThreads(
        8,
        thread -> {
          List<CompletionStage<PublishOutcome>> outcomes = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            outcomes.add(publisher.publish(text("m").routingKey(i % 2 == 0 ? queue : "nobody")));
          }
          for (int i = 0; i < 200; i++) {
            boolean isRight =
                i % 2 == 0
                    ? result(outcomes.get(i)) instanceof Confirmed
                    : result(outcomes.get(i)) instanceof Returned;
            wrong.addAndGet(isRight ? 0 : 1);
          }
        });
    assertThat(wrong).hasValue(0);
  }

  @Test
  void pitfall03AfterALostConnectionNumbersBelongToANewEpoch() throws Exception {
    try (RawClient raw = RawClient.recovering(node)) {
      Channel channel = raw.channel();
      channel.confirmSelect();
      channel.basicPublish("", queue, null, new byte[0]);
      assertThat(channel.getNextPublishSeqNo()).isEqualTo(2);
      node.closeConnections("test");
      await().atMost(PATIENCE).ignoreExceptions().until(() -> publishes(channel));
      assertThat(channel.getNextPublishSeqNo())
          .as("naive: a number that was given before, and nothing tells")
          .isLessThanOrEqualTo(2);
    }
    BlockingQueue<ChannelPort> epochs = new LinkedBlockingQueue<>();
    BlockingQueue<Long> ended = new LinkedBlockingQueue<>();
    SupervisedChannel channel =
        rabbit.openChannel(ChannelSpec.publishing("epochs"), new Epochs(epochs, ended));
    ChannelPort first = next(epochs);
    assertThat(first.publish("", queue, withId("a"), new byte[0])).isEqualTo(1);
    node.closeConnections("test");
    assertThat(next(ended)).isEqualTo(first.epoch());
    ChannelPort second = next(epochs);
    assertThat(second.epoch()).isGreaterThan(first.epoch());
    assertThat(second.nextSequence()).isEqualTo(1);
    channel.close();
  }

  private boolean publishes(Channel channel) throws Exception {
    channel.basicPublish("", queue, null, new byte[0]);
    return true;
  }

  private record Epochs(BlockingQueue<ChannelPort> opened, BlockingQueue<Long> ended)
      implements ChannelEvents {
    @Override
    public void opened(ChannelPort channel) {
      opened.add(channel);
    }

    @Override
    public void closed(long epoch, String reason) {
      ended.add(epoch);
    }
  }

  @Test
  void pitfall04AContinuationThatThrowsOrBlocksHarmsNoChannel() throws Exception {
    RawClient raw = RawClient.connect(node);
    Channel channel = raw.channel();
    channel.addConfirmListener(
        (tag, multiple) -> {
          throw new IllegalStateException("a listener's mistake");
        },
        (tag, multiple) -> {});
    channel.confirmSelect();
    channel.basicPublish("", queue, null, new byte[0]);
    await().atMost(PATIENCE).until(() -> !channel.isOpen());
    // Its connection is frozen as well: the reader thread waits for an answer that only it can
    // read.
    Thread end = new Thread(raw::abort);
    end.setDaemon(true);
    end.start();
    Publisher publisher = rabbit.publisher("").build();
    CountDownLatch blocked = new CountDownLatch(1);
    Runnable throwing =
        () -> {
          throw new IllegalStateException("a user's mistake");
        };
    for (Runnable mistake : List.of(throwing, () -> awaitQuietly(blocked))) {
      var unused = publisher.publish(text("1").routingKey(queue)).thenRun(mistake);
    }
    assertThat(publisher.publishAndWait(text("4").routingKey(queue), PATIENCE))
        .isEqualTo(new Confirmed());
    assertThat(publisher.state()).isEqualTo(ResourceState.OPEN);
    blocked.countDown();
    assertThat(result(publisher.publish(text("5").routingKey(queue)))).isEqualTo(new Confirmed());
  }

  @Test
  void pitfall11AReturnIsNoConfirmAndAMissingExchangeNeverAnswers() throws Exception {
    try (RawClient raw = RawClient.connect(node)) {
      Channel channel = raw.channel();
      BlockingQueue<Long> confirmed = new LinkedBlockingQueue<>();
      channel.addConfirmListener((tag, multiple) -> confirmed.add(tag), (tag, multiple) -> {});
      channel.confirmSelect();
      channel.basicPublish("", "nobody", true, null, new byte[0]);
      assertThat(next(confirmed)).as("naive: what is nowhere counts as confirmed").isEqualTo(1);
      channel.basicPublish("no such exchange", "", true, null, new byte[0]);
      await().atMost(PATIENCE).until(() -> !channel.isOpen());
      assertThat(confirmed).as("naive: it waits for good").isEmpty();
    }
    Publisher nowhere = rabbit.publisher("").build();
    assertThat(result(nowhere.publish(text("1").routingKey("nobody"))))
        .isEqualTo(new Returned(312, "NO_ROUTE"));
    Publisher missing = rabbit.publisher(fresh("missing")).build();
    assertThat(result(missing.publish(text("1"))))
        .isInstanceOfSatisfying(Unknown.class, u -> assertThat(u.reason()).contains("404"));
    assertThat(result(missing.publish(text("2")))).isInstanceOf(Unknown.class);
  }

  @Test
  void pitfall12OneAnswerMaySettleManyConfirmedOrRejected() throws Exception {
    String full = fresh("full");
    rabbit.apply(
        Topology.builder().queue(full, q -> q.classic().maxLength(1).rejectWhenFull()).build());
    try (RawClient raw = RawClient.connect(node)) {
      Channel channel = raw.channel();
      AtomicInteger singles = new AtomicInteger();
      AtomicInteger last = new AtomicInteger();
      channel.addConfirmListener(
          (tag, multiple) -> {
            singles.incrementAndGet();
            last.accumulateAndGet((int) tag, Math::max);
          },
          (tag, multiple) -> {});
      channel.confirmSelect();
      for (int i = 0; i < 5000; i++) {
        channel.basicPublish("", queue, null, new byte[0]);
      }
      await().atMost(PATIENCE).until(() -> last.get() == 5000);
      assertThat(singles.get()).as("naive: one answer, one message").isLessThan(5000);
    }
    for (String target : List.of(queue, full)) {
      Publisher publisher = rabbit.publisher("").inFlight(5000).build();
      List<CompletionStage<PublishOutcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < 5000; i++) {
        outcomes.add(publisher.publish(text("m" + i).routingKey(target)));
      }
      int rejected = 0;
      for (CompletionStage<PublishOutcome> outcome : outcomes) {
        rejected += result(outcome) instanceof Rejected ? 1 : 0;
      }
      if (target.equals(full)) {
        assertThat(rejected).isGreaterThan(4000);
      } else {
        assertThat(rejected).isZero();
      }
    }
  }

  @FunctionalInterface
  private interface Work {
    void run(int thread) throws Exception;
  }

  private static void inThreads(int count, Work work) {
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int thread = i;
      CompletableFuture<Object> done = new CompletableFuture<>();
      all.add(done);
      new Thread(
              () -> {
                try {
                  work.run(thread);
                  done.complete(thread);
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              })
          .start();
    }
    CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      boolean unused = latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static AMQP.BasicProperties withId(String id) {
    return new AMQP.BasicProperties.Builder().messageId(id).build();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(60, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return java.util.Objects.requireNonNull(next);
  }
}
