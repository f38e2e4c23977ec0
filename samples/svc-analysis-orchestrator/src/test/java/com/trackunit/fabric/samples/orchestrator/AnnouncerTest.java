// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.messaging.PublishOutcome.Rejected;
import com.trackunit.fabric.messaging.PublishOutcome.Returned;
import com.trackunit.fabric.messaging.PublishOutcome.Unknown;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
  private static final Message EVENT = Message.of(new byte[0]).messageId("m:analysis.started");
  private static final PublishOutcome NOWHERE = new Returned(312, "NO_ROUTE");

  private final AtomicLong nanos = new AtomicLong();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Deque<PublishOutcome> outcomes = new ArrayDeque<>();
  private final List<Message> published = new ArrayList<>();
  private Runnable onSecondPublish = () -> {};
  private final Announcer announcer =
      new Announcer("analysis.started", this::publish, nanos::get, stopping);

  @Test
  void aRejectedOrUnknownEventIsPublishedAgainUntilItIsConfirmed() throws InterruptedException {
    outcomes.addAll(List.of(new Unknown("gone"), new Rejected(), new Confirmed()));

    assertThat(announcer.announce(EVENT)).isTrue();
    assertThat(published).containsExactly(EVENT, EVENT, EVENT);
  }

  @Test
  void aQueueThatComesInTimeGetsTheEvent() throws InterruptedException {
    outcomes.addAll(List.of(NOWHERE, NOWHERE, new Confirmed()));

    assertThat(announcer.announce(EVENT)).isTrue();
    assertThat(published).hasSize(3);
  }

  @Test
  void whereNobodyListensEventsAreDroppedAtOnceAfterThePatienceUntilSomeoneDoes()
      throws InterruptedException {
    outcomes.add(NOWHERE);
    // The deadline is taken at the first return; the second one is seen after it has passed.
    onSecondPublish = () -> nanos.addAndGet(Announcer.PATIENCE.toNanos());
    outcomes.add(NOWHERE);
    assertThat(announcer.announce(EVENT)).isTrue();
    assertThat(published).hasSize(2);

    outcomes.add(NOWHERE);
    assertThat(announcer.announce(EVENT)).isTrue();
    assertThat(published).hasSize(3);

    outcomes.addAll(List.of(new Confirmed(), NOWHERE, new Confirmed()));
    assertThat(announcer.announce(EVENT)).isTrue();
    assertThat(announcer.announce(EVENT)).as("patient again").isTrue();
    assertThat(published).hasSize(6);
  }

  @Test
  void aServiceThatStopsGivesUpWaiting() throws InterruptedException {
    outcomes.add(new Unknown("gone"));
    stopping.countDown();

    assertThat(announcer.announce(EVENT)).isFalse();
    assertThat(published).hasSize(1);
  }

  private PublishOutcome publish(Message event) {
    published.add(event);
    if (published.size() == 2) {
      onSecondPublish.run();
    }
    return Objects.requireNonNull(outcomes.poll(), "no outcome planned");
  }
}
