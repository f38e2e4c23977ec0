// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Rejected;
import com.trackunit.fabric.messaging.PublishOutcome.Returned;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutgoingTest {
  private static final int WINDOW = 8;

  private final Window window = new Window(WINDOW, 1_000_000);
  private final List<Outgoing.Settled> settled = new ArrayList<>();
  private final Outgoing outgoing = new Outgoing(window, false, settled::add);

  @Test
  void aConfirmSettlesItsMessageAndFreesItsPlace() {
    accept("a", 10);
    assertThat(window.count()).isEqualTo(1);
    outgoing.sending(1);
    outgoing.confirmed(1, false);
    assertThat(outcomeOf("a")).isEqualTo(new Confirmed());
    assertThat(window.count()).isZero();
    assertThat(outgoing.unsettled()).isZero();
  }

  @Test
  void aReturnTurnsItsConfirmIntoReturned() {
    sendAll("a", "b", "c");
    outgoing.returned("b", "key", 312, "NO_ROUTE");
    outgoing.confirmed(3, true);
    assertThat(outcomeOf("a")).isEqualTo(new Confirmed());
    assertThat(outcomeOf("b")).isEqualTo(new Returned(312, "NO_ROUTE"));
    assertThat(outcomeOf("c")).isEqualTo(new Confirmed());
  }

  @Test
  void aReturnThatSeveralMessagesCouldMeanConfirmsNoneOfThem() {
    sendAll("same", "same", "c");
    outgoing.returned("same", "key", 312, "NO_ROUTE");
    outgoing.confirmed(3, true);
    assertThat(settled.get(0).outcome()).isInstanceOf(Unknown.class);
    assertThat(settled.get(1).outcome()).isInstanceOf(Unknown.class);
    assertThat(outcomeOf("c")).isEqualTo(new Confirmed());
  }

  @Test
  void whatRanOutOfTimeAfterSendingKeepsItsPlaceUntilTheBrokerAnswers() {
    accept("a", 10);
    outgoing.sending(1);
    outgoing.expire(9);
    assertThat(settled).isEmpty();
    outgoing.expire(10);
    assertThat(outcomeOf("a")).isInstanceOf(Unknown.class);
    assertThat(window.count()).isEqualTo(1);
    outgoing.confirmed(1, false);
    assertThat(window.count()).isZero();
    assertThat(settled).hasSize(1);
  }

  @Test
  void whatRanOutOfTimeBeforeSendingWasNotPublished() {
    accept("a", 10);
    accept("b", 20);
    outgoing.expire(15);
    assertThat(settled).hasSize(1);
    assertThat(settled.get(0).notSent()).isInstanceOf(NotPublishedException.class);
    assertThat(window.count()).isEqualTo(1);
    outgoing.expire(20);
    assertThat(settled).hasSize(2);
  }

  @Test
  void whatWasTakenBackIsTheNextToSendAgain() {
    accept("a", 10);
    accept("b", 10);
    outgoing.sending(1);
    outgoing.takeBack(1);
    outgoing.epochOver("gone");
    assertThat(settled).isEmpty();
    outgoing.sending(1);
    outgoing.confirmed(1, false);
    assertThat(outcomeOf("a")).isEqualTo(new Confirmed());
  }

  @Test
  void whatADeadChannelLeftUnansweredIsSentAgainFirstAndInOrderWhereAskedFor() {
    Outgoing again = new Outgoing(window, true, settled::add);
    for (String id : List.of("a", "b", "c")) {
      assertThat(again.accept(message(id, 100))).isTrue();
    }
    again.sending(1);
    again.sending(2);
    again.epochOver("killed");
    assertThat(settled).isEmpty();
    List<String> order = new ArrayList<>();
    for (long sequence = 1; sequence <= 3; sequence++) {
      order.add(String.valueOf(Objects.requireNonNull(again.next()).properties().getMessageId()));
      again.sending(sequence);
    }
    assertThat(order).containsExactly("a", "b", "c");
    again.confirmed(3, true);
    assertThat(outcomeOf("a")).isEqualTo(new Confirmed());
    assertThat(window.count()).isZero();
  }

  @Test
  void whatCouldNotBeSentAgainInTimeIsUnknownAndWhatWasNeverSentIsNot() {
    Outgoing again = new Outgoing(window, true, settled::add);
    again.accept(message("a", 100));
    again.accept(message("b", 100));
    again.sending(1);
    again.epochOver("killed");
    again.expire(100);
    assertThat(outcomeOf("a")).isEqualTo(new Unknown("killed"));
    assertThat(settled.get(1).notSent()).isInstanceOf(NotPublishedException.class);
    assertThat(window.count()).isZero();
  }

  @Test
  void whatCameBackBeforeTheChannelDiedIsReturned() {
    sendAll("a");
    outgoing.returned("a", "key", 312, "NO_ROUTE");
    outgoing.epochOver("killed");
    assertThat(outcomeOf("a")).isEqualTo(new Returned(312, "NO_ROUTE"));
  }

  @Test
  void everyMessageEndsOnceAndNoneBetterThanTheBrokerTreatedIt() {
    long base = new Random().nextLong();
    for (long seed = base; seed < base + 300; seed++) {
      new Run(seed).play();
    }
  }

  /** Random steps of publisher, broker, clock and faults, beside a record of what really was. */
  private static final class Run {
    private final long seed;
    private final Random random;
    private final Window window = new Window(WINDOW, 1_000_000);
    private final Map<OutgoingMessage, Outgoing.Settled> ends = new HashMap<>();
    private final Outgoing outgoing;
    private final List<OutgoingMessage> accepted = new ArrayList<>();
    private final Map<OutgoingMessage, PublishOutcome> truth = new HashMap<>();
    private final TreeMap<Long, OutgoingMessage> atBroker = new TreeMap<>();
    private long nextSequence = 1;
    private long now;

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.outgoing = new Outgoing(window, random.nextBoolean(), this::settledOnce);
    }

    void play() {
      for (int step = 0; step < 400; step++) {
        switch (random.nextInt(12)) {
          case 0, 1, 2 -> accept();
          case 3, 4, 5 -> send();
          case 6, 7, 8 -> answer();
          case 9 -> outgoing.expire(now += random.nextInt(20));
          case 10 -> dieSometimes();
          default -> sendInVain();
        }
        assertThat(window.count()).as("seed %d", seed).isLessThanOrEqualTo(WINDOW);
        assertThat(outgoing.unsettled())
            .as("seed %d", seed)
            .isEqualTo(accepted.size() - ends.size());
      }
      outgoing.end("closed", new NotPublishedException("closed", false));
      assertThat(ends).as("seed %d", seed).hasSize(accepted.size());
      assertThat(window.count()).as("seed %d", seed).isZero();
      assertThat(outgoing.unsettled()).as("seed %d", seed).isZero();
    }

    private void accept() {
      OutgoingMessage message = message("m" + accepted.size(), now + 1 + random.nextInt(60));
      if (outgoing.accept(message)) {
        accepted.add(message);
      } else {
        assertThat(window.isFull()).as("seed %d", seed).isTrue();
      }
    }

    private void send() {
      OutgoingMessage message = outgoing.next();
      if (message == null) {
        return;
      }
      outgoing.sending(nextSequence);
      atBroker.put(nextSequence++, message);
      PublishOutcome fate =
          switch (random.nextInt(6)) {
            case 0 -> new Returned(312, "NO_ROUTE");
            case 1 -> new Rejected();
            default -> new Confirmed();
          };
      truth.put(message, fate);
      if (fate instanceof Returned) {
        outgoing.returned(message.properties().getMessageId(), "key", 312, "NO_ROUTE");
      }
    }

    private void sendInVain() {
      OutgoingMessage message = outgoing.next();
      if (message != null) {
        outgoing.sending(nextSequence);
        outgoing.takeBack(nextSequence);
        assertThat(outgoing.next()).as("seed %d", seed).isSameAs(message);
        die();
      }
    }

    private void answer() {
      if (atBroker.isEmpty()) {
        return;
      }
      List<Long> open = List.copyOf(atBroker.keySet());
      boolean multiple = random.nextBoolean();
      int index = random.nextInt(open.size());
      long sequence = open.get(index);
      boolean nack = truth.get(atBroker.get(sequence)) instanceof Rejected;
      if (multiple) {
        for (long each : open.subList(0, index)) {
          if ((truth.get(atBroker.get(each)) instanceof Rejected) != nack) {
            return; // a broker would not put these into one answer
          }
        }
        atBroker.headMap(sequence, true).clear();
      } else {
        atBroker.remove(sequence);
      }
      if (nack) {
        outgoing.nacked(sequence, multiple);
      } else {
        outgoing.confirmed(sequence, multiple);
      }
    }

    private void dieSometimes() {
      if (random.nextInt(5) == 0) {
        die();
      }
    }

    private void die() {
      atBroker.clear();
      nextSequence = 1;
      outgoing.epochOver("died");
    }

    private void settledOnce(Outgoing.Settled end) {
      assertThat(ends.put(end.message(), end)).as("seed %d: settled twice", seed).isNull();
      PublishOutcome fate = truth.get(end.message());
      if (end.notSent() != null) {
        assertThat(fate).as("seed %d: sent, yet 'not sent'", seed).isNull();
      } else if (!(end.outcome() instanceof Unknown)) {
        assertThat(end.outcome()).as("seed %d", seed).isEqualTo(fate);
      }
    }
  }

  private static OutgoingMessage message(String id, long deadline) {
    return new OutgoingMessage(
        "key",
        new AMQP.BasicProperties.Builder().messageId(id).build(),
        new byte[1],
        new OutgoingMessage.Limit(Duration.ofNanos(deadline), 0),
        false);
  }

  private void accept(String id, long deadline) {
    assertThat(outgoing.accept(message(id, deadline))).isTrue();
  }

  private void sendAll(String... ids) {
    long sequence = 1;
    for (String id : ids) {
      accept(id, 1000);
      outgoing.sending(sequence++);
    }
  }

  private @Nullable PublishOutcome outcomeOf(String id) {
    return settled.stream()
        .filter(end -> end.message().properties().getMessageId().equals(id))
        .findFirst()
        .orElseThrow()
        .outcome();
  }
}
