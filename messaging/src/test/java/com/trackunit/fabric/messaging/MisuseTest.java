// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One line for each way to misuse a public call: the error's type, and what its message names. */
@Tag("broker")
class MisuseTest {
  private static final Duration NEGATIVE = Duration.ofSeconds(-1);
  private static final Duration TOO_LONG = Duration.ofDays(2);
  @RegisterExtension private final OneBroker broker = new OneBroker();

  private record Misuse(String named, Class<? extends Throwable> error, ThrowingCallable call) {
    static Misuse of(String named, ThrowingCallable call) {
      return new Misuse(named, IllegalArgumentException.class, call);
    }
  }

  @Test
  void eachMisuseGetsItsErrorThatNamesWhatWasSeenAndWhatToDo() {
    RabbitMessaging rabbit = broker.rabbit();
    Stream.of(ofPublishers(rabbit), ofConsumers(rabbit), ofTheRest(rabbit))
        .flatMap(all -> all)
        .forEach(
            misuse ->
                assertThat(catchThrowable(misuse.call()))
                    .as(misuse.named())
                    .isInstanceOf(misuse.error())
                    .hasMessageContaining(misuse.named())
                    .hasMessageMatching("(?s).*(expected|; ).*"));
  }

  private static Stream<Misuse> ofPublishers(RabbitMessaging rabbit) {
    Publisher publisher = rabbit.publisher("").maxBodyBytes(10).build();
    Message message = text("1").routingKey("q");
    return Stream.of(
        Misuse.of("publisher: exchange 'eee", () -> rabbit.publisher("e".repeat(256))),
        Misuse.of("publisher: inFlight is 0", () -> rabbit.publisher("").inFlight(0)),
        Misuse.of("publisher: inFlight is 1000001", () -> rabbit.publisher("").inFlight(1_000_001)),
        Misuse.of("publisher: inFlightBytes is 0", () -> rabbit.publisher("").inFlightBytes(0)),
        Misuse.of("publisher: maxBodyBytes is 0", () -> rabbit.publisher("").maxBodyBytes(0)),
        Misuse.of("publisher: timeout is PT0S", () -> rabbit.publisher("").timeout(Duration.ZERO)),
        Misuse.of("publisher: timeout is PT48H", () -> rabbit.publisher("").timeout(TOO_LONG)),
        Misuse.of("body is 11 bytes", () -> publisher.publish(Message.of(new byte[11]))),
        Misuse.of(
            "routing key is 256", () -> publisher.publish(text("").routingKey("k".repeat(256)))),
        Misuse.of(
            "routing key is 256", () -> publisher.tryPublish(text("").routingKey("k".repeat(256)))),
        Misuse.of(
            "message id is 256", () -> publisher.publish(text("").messageId("i".repeat(256)))),
        Misuse.of(
            "header 'h' is a java.lang.Object",
            () -> publisher.publish(text("").header("h", new Object()))),
        Misuse.of(
            "publishAndWait: limit is PT0S",
            () -> publisher.publishAndWait(message, Duration.ZERO)),
        Misuse.of("requester: exchange 'eee", () -> rabbit.requester("e".repeat(256))),
        Misuse.of("requester: inFlight is 0", () -> rabbit.requester("").inFlight(0)),
        Misuse.of("requester: timeout is PT-1S", () -> rabbit.requester("").timeout(NEGATIVE)),
        Misuse.of(
            "requestAndWait: limit is PT48H",
            () -> rabbit.requester("").build().requestAndWait(message, TOO_LONG)),
        Misuse.of(
            "routing key is 256",
            () -> rabbit.requester("").build().request(text("").routingKey("k".repeat(256)))));
  }

  private static Stream<Misuse> ofConsumers(RabbitMessaging rabbit) {
    return Stream.of(
        Misuse.of("consumer: queue ''", () -> rabbit.consumer("")),
        Misuse.of("consumer: queue 'qqq", () -> rabbit.consumer("q".repeat(256))),
        Misuse.of("consumer: prefetch is 0", () -> rabbit.consumer("q").prefetch(0)),
        Misuse.of("consumer: prefetch is 65536", () -> rabbit.consumer("q").prefetch(65_536)),
        Misuse.of("consumer: concurrency is 0", () -> rabbit.consumer("q").concurrency(0)),
        Misuse.of(
            "concurrency is 3",
            () -> rabbit.consumer("q").prefetch(2).concurrency(3).start(Delivery::ack)),
        Misuse.of(
            "consumer: handlerTimeout is PT48H",
            () -> rabbit.consumer("q").handlerTimeout(TOO_LONG)),
        Misuse.of(
            "out of its place",
            () ->
                rabbit
                    .consumer("q")
                    .inOrder()
                    .onFailure(RetryPolicy.exponential(Duration.ofSeconds(1), 3).inDelayQueues())
                    .start(Delivery::ack)),
        Misuse.of("attempts is 0", () -> RetryPolicy.exponential(Duration.ofSeconds(1), 0)),
        Misuse.of("is PT-1S", () -> RetryPolicy.exponential(NEGATIVE, 3)),
        Misuse.of("ratio", () -> KillSwitch.at(1.5, 20)));
  }

  private static Stream<Misuse> ofTheRest(RabbitMessaging rabbit) {
    ChannelEvents nobody =
        new ChannelEvents() {
          @Override
          public void opened(ChannelPort channel) {}

          @Override
          public void closed(long epoch, String reason) {}
        };
    return Stream.of(
        Misuse.of("limit is 0", () -> rabbit.deadLetters("q").list(0)),
        Misuse.of("limit is 10001", () -> rabbit.deadLetters("q").replay(one -> true, 10_001)),
        Misuse.of(
            "virtual host", () -> rabbit.apply(Topology.builder().virtualHost("other").build())),
        Misuse.of(
            "virtual host", () -> rabbit.verify(Topology.builder().virtualHost("other").build())),
        Misuse.of(
            "prefetch is 0",
            () -> rabbit.openChannel(ChannelSpec.consuming("c", "q", 0, Map.of()), nobody)));
  }

  @Test
  void aSubscriptionThatCannotBeEncodedIsSeenInItsState() {
    String queue = Fixtures.fresh("queue");
    broker.rabbit().apply(Topology.builder().queue(queue).build());
    Consumer consumer =
        broker.rabbit().consumer(queue).argument("x-odd", new Object()).start(Delivery::ack);
    await().atMost(PATIENCE).until(() -> consumer.state() == ResourceState.RECOVERING);
    assertThat(consumer.health().detail()).contains("invalid value in table");
  }

  @Test
  @SuppressWarnings("NullAway") // what the checker forbids is what a caller without it may do
  void whatIsMissingIsNamed() {
    RabbitMessaging rabbit = broker.rabbit();
    Map<String, ThrowingCallable> calls =
        Map.of(
            "body", () -> Message.of(null),
            "routingKey", () -> text("").routingKey(null),
            "exchange", () -> rabbit.publisher(null),
            "queue", () -> rabbit.consumer(null),
            "handler", () -> rabbit.consumer("q").start(null),
            "events", () -> rabbit.openChannel(ChannelSpec.publishing("p"), null),
            "listener", () -> rabbit.addGapListener(null));
    calls.forEach(
        (name, call) ->
            assertThat(catchThrowable(call))
                .as(name)
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining(name));
  }
}
