// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PublishLineTest {
  private final Workers workers = new Workers();
  private final PublishLine line = line(2);

  @AfterEach
  void stop() {
    workers.shutdown();
  }

  @Test
  void whatAStaleChannelDidNotTakeIsSentOnTheNextOneInOrder() throws Exception {
    OutgoingMessage first = message("1");
    OutgoingMessage second = message("2");
    FakePort stale = new FakePort(1);
    stale.over = true;
    line.opened(stale);
    line.send(first);
    line.send(second);
    line.closed(1, "died");
    FakePort next = new FakePort(2);
    line.opened(next);
    await().atMost(PATIENCE).until(() -> next.sent.size() == 2);
    assertThat(next.sent).containsExactly("1", "2");
    line.confirmed(2, 2, true);
    assertThat(result(first.outcome())).isEqualTo(new Confirmed());
    assertThat(result(second.outcome())).isEqualTo(new Confirmed());
  }

  @Test
  void whatWasSentOnADeadChannelIsUnknownWithTheReason() throws Exception {
    OutgoingMessage message = message("1");
    line.opened(new FakePort(1));
    line.send(message);
    line.closed(1, "404 no exchange");
    assertThat(result(message.outcome())).isEqualTo(new Unknown("404 no exchange"));
  }

  @Test
  void aBlockedLineSendsNothingUntilItIsUnblocked() throws Exception {
    FakePort port = new FakePort(1);
    line.opened(port);
    line.blocked("memory");
    line.send(message("1"));
    assertThat(port.sent).isEmpty();
    line.unblocked();
    await().atMost(PATIENCE).until(() -> port.sent.size() == 1);
  }

  @Test
  void aFullWindowMakesTheCallerWaitForAPlace() throws Exception {
    FakePort port = new FakePort(1);
    line.opened(port);
    line.send(message("1"));
    line.send(message("2"));
    Thread third = new Thread(() -> line.send(message("3")));
    third.start();
    await().atMost(PATIENCE).until(() -> third.getState() == Thread.State.TIMED_WAITING);
    assertThat(port.sent).hasSize(2);
    line.confirmed(1, 1, false);
    third.join(PATIENCE.toMillis());
    assertThat(port.sent).containsExactly("1", "2", "3");
  }

  @Test
  void closingWakesWhoWaitsForAPlaceAndSettlesTheRest() {
    line.send(message("1"));
    line.send(message("2"));
    OutgoingMessage waiting = message("3");
    Thread third = new Thread(() -> line.send(waiting));
    third.start();
    await().atMost(PATIENCE).until(() -> third.getState() == Thread.State.TIMED_WAITING);
    assertThat(line.closeAndAwait(Deadline.after(Duration.ZERO, workers.ticker()))).isFalse();
    line.end();
    assertThat(waiting.outcome())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(NotPublishedException.class);
    assertThat(line.unsettled()).isZero();
  }

  @Test
  void whatThePortRefusesFailsAloneAndTheNextEpochGoesOn() {
    FakePort port = new FakePort(1);
    port.refuse = "1";
    line.opened(port);
    OutgoingMessage refused = message("1");
    line.send(refused);
    assertThat(refused.outcome())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(IllegalArgumentException.class);
    assertThat(line.unsettled()).isZero();
    line.send(message("2"));
    assertThat(port.over).isTrue();
    FakePort next = new FakePort(2);
    line.closed(1, "abandoned");
    line.opened(next);
    await().atMost(PATIENCE).until(() -> next.sent.size() == 1);
  }

  @Test
  void aWindowThatNobodyAnswersIsGivenUpAndTheNextEpochGoesOn() throws Exception {
    FakePort silent = new FakePort(1);
    line.opened(silent);
    OutgoingMessage first = message("1", Duration.ofNanos(1));
    line.send(first);
    line.expire();
    assertThat(silent.over).as("half of the window is free").isFalse();
    line.send(message("2", Duration.ofNanos(1)));
    line.expire();
    assertThat(silent.over).isTrue();
    assertThat(result(first.outcome())).isInstanceOf(Unknown.class);
    line.closed(1, "abandoned");
    FakePort next = new FakePort(2);
    line.opened(next);
    line.send(message("3"));
    await().atMost(PATIENCE).until(() -> next.sent.size() == 1);
  }

  @Test
  void aBlockedBrokerIsNotGivenUp() {
    FakePort port = new FakePort(1);
    line.opened(port);
    line.send(message("1", Duration.ofNanos(1)));
    line.send(message("2", Duration.ofNanos(1)));
    line.blocked("memory");
    line.expire();
    assertThat(port.over).isFalse();
  }

  @Test
  void aBrokerThatIsBehindGetsBlocksThatEndWhenTheWindowIsFullOrItHasLessToDo() {
    PublishLine wide = line(100);
    FakePort port = new FakePort(1);
    wide.opened(port);
    for (int i = 1; i < 32; i++) {
      wide.send(message("" + i));
      assertThat(port.unflushed).as("the broker has little to do").isZero();
    }
    for (int i = 32; i <= 50; i++) {
      wide.send(message("" + i));
    }
    await()
        .alias("half of the window, flushed by a worker")
        .atMost(PATIENCE)
        .until(() -> port.unflushed == 0);
    for (int i = 51; i <= 60; i++) {
      wide.send(message("" + i));
    }
    assertThat(port.unflushed).isEqualTo(10);
    wide.confirmed(1, 20, true);
    await().atMost(PATIENCE).until(() -> port.unflushed == 0);
    for (int i = 61; i <= 120; i++) {
      wide.send(message("" + i));
    }
    assertThat(port.unflushed).isPositive();
    Thread oneTooMany = new Thread(() -> wide.send(message("121")));
    oneTooMany.start();
    await().atMost(PATIENCE).until(() -> port.unflushed == 0);
    wide.end();
  }

  @Test
  void whatIsLeftInTheBufferWaitsForTheNextSweepAtMostAndOneWhoWaitsForItsOutcomeNotAtAll() {
    PublishLine wide = line(100);
    FakePort port = new FakePort(1);
    wide.opened(port);
    for (int i = 1; i <= 60; i++) {
      wide.send(message("" + i));
    }
    assertThat(port.unflushed).isPositive();
    wide.expire();
    await().atMost(PATIENCE).until(() -> port.unflushed == 0);
    wide.send(message("61"));
    assertThat(port.unflushed).isEqualTo(1);
    wide.send(message("62", PATIENCE, true));
    assertThat(port.unflushed).isZero();
    wide.end();
  }

  private PublishLine line(int window) {
    return new PublishLine(
        "events",
        new Window(window, 1_000_000),
        false,
        workers,
        new Telemetry(new SimpleMeterRegistry()));
  }

  private OutgoingMessage message(String id) {
    return message(id, PATIENCE);
  }

  private OutgoingMessage message(String id, Duration timeout) {
    return message(id, timeout, false);
  }

  private OutgoingMessage message(String id, Duration timeout, boolean inline) {
    return new OutgoingMessage(
        "key",
        new AMQP.BasicProperties.Builder().messageId(id).build(),
        new byte[1],
        new OutgoingMessage.Limit(timeout, workers.ticker().nanos()),
        inline);
  }

  /** Numbers what it is given, as a channel in confirm mode does. */
  private static final class FakePort implements ChannelPort {
    private final long epoch;
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private volatile boolean over;
    private volatile String refuse = "";
    private volatile int unflushed;

    FakePort(long epoch) {
      this.epoch = epoch;
    }

    @Override
    public long epoch() {
      return epoch;
    }

    @Override
    public long nextSequence() {
      return sent.size() + 1L;
    }

    @Override
    public long publish(
        String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
      if (over) {
        throw new StaleChannelException("publish", epoch, "gone");
      }
      if (properties.getMessageId().equals(refuse)) {
        throw new IllegalArgumentException("no");
      }
      sent.add(properties.getMessageId());
      unflushed = 0;
      return sent.size();
    }

    @Override
    public long publishLater(
        String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
      int before = unflushed;
      long sequence = publish(exchange, routingKey, properties, body);
      unflushed = before + 1;
      return sequence;
    }

    @Override
    public void flush() {
      unflushed = 0;
    }

    @Override
    public void ack(long deliveryTag, boolean multiple) {}

    @Override
    public void reject(long deliveryTag, boolean requeue) {}

    @Override
    public void release(long deliveryTag) {}

    @Override
    public void roundTrip() {}

    @Override
    public void abandon(String reason) {
      over = true;
    }
  }
}
