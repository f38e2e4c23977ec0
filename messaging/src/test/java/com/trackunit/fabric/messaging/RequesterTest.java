// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.RequestFailedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("broker")
@Tag("contract")
class RequesterTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private final String queue = fresh("requests");
  private final BlockingQueue<Delivery> kept = new LinkedBlockingQueue<>();
  private RabbitMessaging rabbit;
  private Requester requester;

  @BeforeEach
  void open() {
    rabbit = broker.rabbit();
    rabbit.apply(Topology.builder().queue(queue, QueueOptions::classic).build());
    requester = rabbit.requester("").timeout(PATIENCE).build();
  }

  @Test
  void eachRequestGetsItsOwnAnswerOverOneChannel() throws Exception {
    Set<String> addresses = ConcurrentHashMap.newKeySet();
    Set<String> ids = ConcurrentHashMap.newKeySet();
    rabbit
        .consumer(queue)
        .concurrency(4)
        .start(
            delivery -> {
              addresses.add(delivery.replyTo().orElseThrow());
              ids.add(delivery.held().properties().getCorrelationId());
              assertThat(delivery.held().properties().getExpiration()).isNotNull();
              var answer = text("re: " + text(delivery)).contentType("text/plain");
              assertThat(result(rabbit.reply(delivery, answer)).isConfirmed()).isTrue();
              delivery.ack();
            });
    List<CompletionStage<Reply>> replies = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      replies.add(requester.request(text("m" + i).routingKey(queue)));
    }
    for (int i = 0; i < 200; i++) {
      Reply reply = result(replies.get(i));
      assertThat(new String(reply.body(), StandardCharsets.UTF_8)).isEqualTo("re: m" + i);
      assertThat(reply.contentType()).contains("text/plain");
    }
    assertThat(addresses).hasSize(1);
    assertThat(ids).hasSize(200);
    assertThat(requester.inFlight()).isZero();
    assertThat(requester.health().isUp()).isTrue();
  }

  @Test
  void theCorrelationOfARequestTravelsBackUnlessTheAnswerHasItsOwn() throws Exception {
    CorrelationId asked = CorrelationId.random();
    CorrelationId own = CorrelationId.random();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              boolean first = text(delivery).equals("first");
              var unused = rabbit.reply(delivery, first ? text("") : text("").correlationId(own));
              delivery.ack();
            });
    Message request = text("first").routingKey(queue).correlationId(asked);
    assertThat(requester.requestAndWait(request, PATIENCE).correlationId()).contains(asked);
    assertThat(requester.requestAndWait(text("").routingKey(queue), PATIENCE).correlationId())
        .contains(own);
  }

  @Test
  void aRequestThatNoQueueTakesSaysSoAtOnce() {
    RequestFailedException failure = failure(requester.request(text("?").routingKey("nobody")));
    assertThat(failure.reason()).isEqualTo(Reason.NO_ROUTE);
    assertThat(failure.isRetryable()).isTrue();
    assertThat(failure).hasMessageContaining("no queue is bound");
  }

  @Test
  void aFullQueueRejectsARequest() throws Exception {
    String full = fresh("full");
    rabbit.apply(
        Topology.builder().queue(full, q -> q.classic().maxLength(1).rejectWhenFull()).build());
    try (Publisher publisher = rabbit.publisher("").build()) {
      var unused = result(publisher.publish(text("1").routingKey(full)));
    }
    assertThat(failure(requester.request(text("?").routingKey(full))).reason())
        .isEqualTo(Reason.REJECTED);
  }

  @Test
  void withoutAnAnswerItEndsAtItsDeadlineAndALateAnswerIsDropped() throws Exception {
    keepRequests();
    CompletionStage<Reply> late =
        rabbit
            .requester("")
            .timeout(Duration.ofSeconds(1))
            .build()
            .request(text("?").routingKey(queue));
    Delivery request = kept.poll(60, TimeUnit.SECONDS);
    RequestFailedException failure = failure(late);
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE);
    assertThat(failure.isRetryable()).isFalse();
    assertThat(failure).hasMessageContaining("PT1S").hasMessageContaining("may have been handled");
    assertThat(result(rabbit.reply(request, text("late"))).isConfirmed()).isTrue();
    request.ack();
  }

  @Test
  void moreThanItMayHaveInFlightWaitAndAreNotSentAtTheDeadline() throws Exception {
    keepRequests();
    Requester narrow = rabbit.requester("").inFlight(1).timeout(PATIENCE).build();
    CompletionStage<Reply> first = narrow.request(text("1").routingKey(queue));
    Delivery request = kept.poll(60, TimeUnit.SECONDS);
    assertThatExceptionOfType(RequestFailedException.class)
        .isThrownBy(
            () -> narrow.requestAndWait(text("2").routingKey(queue), Duration.ofMillis(200)))
        .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.NOT_SENT));
    var unused = rabbit.reply(request, text("1"));
    request.ack();
    assertThat(result(first)).isNotNull();
    assertThat(kept).isEmpty();
  }

  @Test
  void closingWaitsForAnswersAndEndsTheRest() throws Exception {
    keepRequests();
    CompletionStage<Reply> open = requester.request(text("?").routingKey(queue));
    Delivery request = kept.poll(60, TimeUnit.SECONDS);
    assertThat(requester.close(Duration.ofMillis(100))).isFalse();
    assertThat(failure(open).reason()).isEqualTo(Reason.CLOSED);
    assertThat(failure(requester.request(text("?").routingKey(queue))).reason())
        .isEqualTo(Reason.CLOSED);
    assertThat(requester.close(PATIENCE)).isTrue();
    assertThat(requester.state()).isEqualTo(ResourceState.CLOSED);
    request.ack();
  }

  @Test
  void aLostChannelMakesTheOutcomeUnknownAndTheNextRequestIsAnswered() throws Exception {
    keepRequests();
    Set<CompletionStage<Reply>> open = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      open.add(requester.request(text("?").routingKey(queue)));
    }
    await().atMost(PATIENCE).until(() -> kept.size() == 10);
    broker.node().closeConnections("maintenance");
    for (CompletionStage<Reply> stage : open) {
      RequestFailedException failure = failure(stage);
      assertThat(failure.reason()).isEqualTo(Reason.UNKNOWN);
      assertThat(failure).hasMessageContaining("CONNECTION_FORCED");
    }
    kept.clear();
    CompletionStage<Reply> after = requester.request(text("!").routingKey(queue));
    boolean answered = false;
    while (!answered) {
      Delivery next = kept.poll(60, TimeUnit.SECONDS);
      answered = text(next).equals("!"); // before it come the first ten, once more
      if (answered) {
        var unused = rabbit.reply(next, text("yes"));
      }
      next.ack();
    }
    assertThat(answered).isTrue();
    assertThat(result(after)).isNotNull();
  }

  @Test
  void whatAsksForNoAnswerCannotBeAnswered() throws Exception {
    keepRequests();
    try (Publisher publisher = rabbit.publisher("").build()) {
      var unused = result(publisher.publish(text("event").routingKey(queue)));
    }
    Delivery event = kept.poll(60, TimeUnit.SECONDS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rabbit.reply(event, text("?")))
        .withMessageContaining("names no address");
    event.ack();
  }

  private void keepRequests() {
    rabbit.consumer(queue).start(kept::add);
  }

  private static RequestFailedException failure(CompletionStage<Reply> stage) {
    CompletableFuture<RequestFailedException> failure = new CompletableFuture<>();
    var unused =
        stage.whenComplete(
            (reply, seen) -> {
              if (seen instanceof RequestFailedException expected) {
                failure.complete(expected);
              } else {
                failure.completeExceptionally(new AssertionError("got " + reply, seen));
              }
            });
    return failure.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
