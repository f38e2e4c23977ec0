// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import com.trackunit.fabric.core.flow.AckRun.Ack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncomingTest {
  private final Incoming incoming = new Incoming(Incoming.Order.ONE_LANE, 1);

  @Test
  void inOrderTheNextOneComesWhenTheOneBeforeIsSettled() {
    incoming.opened(1);
    incoming.arrived(held(1, 1, "a"));
    incoming.arrived(held(1, 2, "a"));
    Delivery first = next();
    assertThat(incoming.next(NOBODY, 0)).isNull();
    assertThat(incoming.claim(first)).isTrue();
    incoming.acked(first.held(), 0);
    assertThat(next().held().tag()).isEqualTo(2);
  }

  @Test
  void aRepeatedAttemptIsAnotherDeliveryAndTheOldOneIsTooLate() {
    incoming.opened(1);
    incoming.arrived(held(1, 1, "a"));
    Delivery first = next();
    assertThat(incoming.claim(first)).isTrue();
    first.held().failures++;
    incoming.waits(first.held());
    assertThat(incoming.again(first.held())).isTrue();
    Delivery second = next();
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(incoming.claim(first)).isFalse();
    assertThat(incoming.claim(second)).isTrue();
  }

  @Test
  void whatIsClaimedTwiceIsClaimedOnce() {
    incoming.opened(1);
    incoming.arrived(held(1, 1, "a"));
    Delivery first = next();
    assertThat(incoming.claim(first)).isTrue();
    assertThat(incoming.claim(first)).isFalse();
  }

  @Test
  void nothingOfADeadChannelIsSettledOnTheNextOne() {
    incoming.opened(1);
    incoming.arrived(held(1, 1, "a"));
    incoming.arrived(held(1, 2, "b"));
    Delivery first = next();
    assertThat(incoming.closed()).isEqualTo(1);
    incoming.opened(2);
    incoming.arrived(held(2, 1, "a"));
    assertThat(incoming.claim(first)).isFalse();
    Delivery again = next();
    assertThat(again.held().epoch()).isEqualTo(2);
    assertThat(incoming.claim(again)).isTrue();
  }

  @Test
  void whatNoHandlerHasIsWithdrawnAndTheRestMayStillBeSettled() {
    incoming.opened(1);
    incoming.arrived(held(1, 1, "a"));
    incoming.arrived(held(1, 2, "a"));
    Delivery first = next();
    assertThat(incoming.withdraw()).extracting(Held::tag).containsExactly(2L);
    assertThat(incoming.claim(first)).isTrue();
    incoming.acked(first.held(), 0);
    assertThat(incoming.handed()).isZero();
    assertThat(incoming.next(NOBODY, 0)).isNull();
  }

  /** Random handlers, failures and channel deaths against a queue that delivers again. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void everyMessageIsAckedOnceAndTheKeysKeepTheirOrder(long seed) {
    new Play(seed).run();
  }

  private static final class Play {
    private final Random random;
    private final long seed;
    private final Incoming incoming = new Incoming(Incoming.Order.BY_KEY, 4);
    private final TreeSet<Integer> queue = new TreeSet<>();
    private final Map<Long, Integer> unacked = new HashMap<>(); // tag to message
    private final List<Delivery> handed = new ArrayList<>();
    private final List<Held> waiting = new ArrayList<>();
    private final Map<String, Integer> done = new HashMap<>();
    private long epoch;
    private long tag;
    private long now;

    Play(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
    }

    void run() {
      for (int i = 0; i < 500; i++) {
        queue.add(i);
      }
      open();
      for (int step = 0; step < 100_000 && !isDone(); step++) {
        now += random.nextInt(1_000_000);
        step();
      }
      assertThat(isDone()).as("seed %d ends", seed).isTrue();
    }

    private boolean isDone() {
      write(incoming.acks().take(now, handed.isEmpty() && waiting.isEmpty()));
      return queue.isEmpty() && unacked.isEmpty();
    }

    private void open() {
      incoming.closed();
      queue.addAll(unacked.values());
      unacked.clear();
      handed.clear();
      waiting.clear();
      done.clear(); // a dead channel repeats from the lowest message that was not acked
      tag = 0;
      incoming.opened(++epoch);
    }

    private void step() {
      switch (random.nextInt(8)) {
        case 0, 1 -> deliver();
        case 2, 3 -> {
          Held unsorted = incoming.nextToSort();
          if (unsorted != null) {
            incoming.sorted(unsorted, key(unsorted));
          }
          Held next = incoming.next(NOBODY, now);
          if (next != null && next.current != null) {
            handed.add(next.current);
          }
        }
        case 4, 5 -> settle();
        case 6 -> {
          if (!waiting.isEmpty()) {
            incoming.again(waiting.remove(random.nextInt(waiting.size())));
          }
        }
        default -> {
          if (random.nextInt(500) == 0) {
            open();
          }
        }
      }
    }

    private void deliver() {
      if (!queue.isEmpty() && unacked.size() < 50) {
        int message = queue.pollFirst();
        unacked.put(++tag, message);
        incoming.arrived(held(epoch, tag, "" + message));
      }
    }

    private void settle() {
      if (handed.isEmpty()) {
        return;
      }
      Delivery delivery = handed.remove(random.nextInt(handed.size()));
      assertThat(incoming.claim(delivery)).isTrue();
      if (random.nextInt(3) == 0) {
        incoming.waits(delivery.held());
        waiting.add(delivery.held());
        return;
      }
      int message = Integer.parseInt(delivery.held().envelope().getRoutingKey());
      Integer before = done.put(key(delivery.held()), message);
      assertThat(before == null || before < message).as("seed %d: order", seed).isTrue();
      incoming.acked(delivery.held(), now);
    }

    private void write(List<Ack> acks) {
      for (Ack ack : acks) {
        assertThat(unacked).as("seed %d: the tag is open", seed).containsKey(ack.tag());
        if (ack.multiple()) {
          unacked.keySet().removeIf(one -> one <= ack.tag());
        } else {
          unacked.remove(ack.tag());
        }
      }
    }

    private static String key(Held held) {
      return "" + Integer.parseInt(held.envelope().getRoutingKey()) % 7;
    }
  }

  private Delivery next() {
    Held next = incoming.next(NOBODY, 0);
    return Objects.requireNonNull(Objects.requireNonNull(next).current);
  }

  private static Held held(long epoch, long tag, String key) {
    return new Held(
        epoch, new Envelope(tag, false, "", key), new AMQP.BasicProperties(), new byte[0]);
  }

  private static final Delivery.Settler NOBODY =
      new Delivery.Settler() {
        @Override
        public SettleResult ack(Delivery delivery) {
          throw new AssertionError();
        }

        @Override
        public SettleResult retry(
            Delivery delivery, @Nullable Duration delay, @Nullable Throwable cause) {
          throw new AssertionError();
        }

        @Override
        public SettleResult release(Delivery delivery) {
          throw new AssertionError();
        }

        @Override
        public SettleResult deadLetter(
            Delivery delivery, String reason, @Nullable Throwable cause) {
          throw new AssertionError();
        }

        @Override
        public void requireReleasable() {}

        @Override
        public void requireDelay(Duration delay) {}
      };
}
