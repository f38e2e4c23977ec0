// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.flow.AckRun.Ack;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AckRunTest {
  private final AckRun<String> acks = new AckRun<>(2);

  @Test
  void theRunWithoutAGapIsOneAck() {
    deliver(3);
    acks.acked(2, 0);
    acks.acked(1, 0);
    assertThat(acks.isDue(0)).isTrue();
    assertThat(acks.take(0, false)).containsExactly(new Ack(2, true));
    assertThat(acks.hasAcks()).isFalse();
    assertThat(acks.unsettled()).containsExactly("3");
  }

  @Test
  void behindAYoungGapAcksWaitAndBehindAnOldOneEachGoesSingly() {
    deliver(4);
    acks.acked(1, 0);
    acks.acked(3, 0);
    acks.acked(4, 0);
    assertThat(acks.take(1, false)).containsExactly(new Ack(1, false));
    assertThat(acks.isDue(AckRun.GAP_NANOS - 1)).isFalse();
    assertThat(acks.take(AckRun.GAP_NANOS - 1, false)).isEmpty();
    assertThat(acks.isDue(AckRun.GAP_NANOS)).isTrue();
    assertThat(acks.take(AckRun.GAP_NANOS, false))
        .containsExactlyInAnyOrder(new Ack(3, false), new Ack(4, false));
  }

  @Test
  void itSaysWhenThereIsSomethingToTake() {
    deliver(4);
    assertThat(acks.untilTakeable(0)).isEmpty();
    acks.acked(2, 7);
    assertThat(acks.untilTakeable(7)).hasValue(AckRun.GAP_NANOS);
    assertThat(acks.untilTakeable(AckRun.GAP_NANOS + 7)).hasValue(0);
    acks.acked(1, 8);
    assertThat(acks.untilTakeable(8)).hasValue(0);
    assertThat(acks.take(8, false)).containsExactly(new Ack(2, true));
    assertThat(acks.untilTakeable(8)).isEmpty();
    acks.acked(4, 9);
    acks.gone(3, 9);
    assertThat(acks.untilTakeable(9)).hasValue(0);
  }

  @Test
  void aGapThatWasRejectedLeavesNothingToTakeAtOnce() {
    deliver(3);
    acks.gone(1, 0);
    acks.acked(3, 0);
    assertThat(acks.take(0, false)).isEmpty();
    assertThat(acks.untilTakeable(0)).hasValue(AckRun.GAP_NANOS);
  }

  @Test
  void whatIsSettledTwiceIsAckedOnce() {
    deliver(2);
    acks.acked(1, 0);
    acks.acked(1, 0);
    assertThat(acks.take(0, true)).containsExactly(new Ack(1, false));
    assertThat(acks.oldest()).isEqualTo("2");
    assertThat(acks.outstanding()).isOne();
  }

  @Test
  void whatWasRejectedIsNoGap() {
    deliver(3);
    acks.acked(1, 0);
    acks.gone(2, 0);
    acks.acked(3, 0);
    assertThat(acks.take(0, false)).containsExactly(new Ack(3, true));
  }

  @Test
  void anAckNeverNamesATagThatTheBrokerHasForgotten() {
    deliver(2);
    acks.acked(1, 0);
    acks.gone(2, 0);
    assertThat(acks.take(0, false)).containsExactly(new Ack(1, false));
  }

  /** The broker here answers an unknown tag as RabbitMQ does: with the end of the channel. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void anyInterleavingAcksWhatTheHandlerAckedAndNothingElse(long seed) {
    Random random = new Random(seed);
    AckRun<Long> run = new AckRun<>(1 + random.nextInt(20));
    TreeSet<Long> atBroker = new TreeSet<>();
    List<Long> withHandler = new ArrayList<>();
    Set<Long> toBeAcked = new HashSet<>();
    long next = 1;
    long now = 0;
    for (int step = 0; step < 20_000; step++) {
      now += random.nextInt(2_000_000);
      int action = random.nextInt(10);
      if (action < 4 && atBroker.size() < 100) {
        run.delivered(next, next);
        atBroker.add(next);
        withHandler.add(next++);
      } else if (action < 8 && !withHandler.isEmpty()) {
        long tag = withHandler.remove(random.nextInt(withHandler.size()));
        if (random.nextInt(4) == 0) {
          assertThat(atBroker.remove(tag)).isTrue();
          run.gone(tag, now);
        } else {
          toBeAcked.add(tag);
          run.acked(tag, now);
        }
      } else {
        write(run.take(now, random.nextInt(50) == 0), atBroker, toBeAcked, seed);
      }
    }
    write(run.take(now, true), atBroker, toBeAcked, seed);
    assertThat(toBeAcked).as("seed %d", seed).isEmpty();
    assertThat(atBroker).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(withHandler);
    assertThat(run.unsettled()).containsExactlyElementsOf(atBroker);
  }

  private static void write(
      List<Ack> due, NavigableSet<Long> atBroker, Set<Long> toBeAcked, long seed) {
    for (Ack ack : due) {
      assertThat(atBroker).as("seed %d: the tag is open", seed).contains(ack.tag());
      Set<Long> meant =
          ack.multiple() ? new HashSet<>(atBroker.headSet(ack.tag(), true)) : Set.of(ack.tag());
      assertThat(toBeAcked).as("seed %d: %s", seed, ack).containsAll(meant);
      toBeAcked.removeAll(meant);
      atBroker.removeAll(meant);
    }
  }

  private void deliver(int count) {
    for (int tag = 1; tag <= count; tag++) {
      acks.delivered(tag, "" + tag);
    }
  }
}
