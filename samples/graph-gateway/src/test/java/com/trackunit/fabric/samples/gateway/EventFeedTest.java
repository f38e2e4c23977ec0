// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

final class EventFeedTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Owner ALICE = new Owner("t", "alice");

  private final AtomicLong nanos = new AtomicLong();
  private final Owners owners = new Owners(100, Duration.ofHours(24), Clock.systemUTC());
  private final EventHub hub = new EventHub();
  private final List<Record> seen = new CopyOnWriteArrayList<>();
  private final EventFeed feed =
      new EventFeed(owners, hub, new EventFeed.Patience(Duration.ofSeconds(10), 2), nanos::get);

  @BeforeEach
  void listen() {
    hub.events(ALICE, event -> true).subscribe(new Listener(seen));
  }

  @AfterEach
  void close() {
    feed.close();
  }

  @Test
  void anEventGoesToItsOwnerOnce() throws Exception {
    own("k");
    feed.take(Optional.of("m-1"), AnalysisEvent.started("k", "c"));
    feed.take(Optional.of("m-1"), AnalysisEvent.started("k", "c"));
    feed.take(Optional.of("m-2"), AnalysisEvent.started("k", "c"));
    assertThat(seen).hasSize(2);
  }

  @Test
  void anEventWaitsForTheNewsOfItsOwner() throws Exception {
    feed.take(Optional.empty(), AnalysisEvent.started("late", "c"));
    assertThat(seen).isEmpty();
    own("late");
    await().atMost(LONG).until(() -> seen.size() == 1);
  }

  @Test
  void anEventThatNobodyClaimsIsDropped() throws Exception {
    feed.take(Optional.empty(), AnalysisEvent.started("foreign", "c"));
    nanos.addAndGet(Duration.ofSeconds(11).toNanos());
    await().atMost(LONG).until(() -> feed.dropped() == 1);
    own("foreign");
    own("k");
    feed.take(Optional.empty(), AnalysisEvent.started("k", "c"));
    assertThat(seen).hasSize(1);
  }

  @Test
  void theEldestWaitingEventMakesRoom() throws Exception {
    for (int i = 1; i <= 3; i++) {
      feed.take(Optional.empty(), AnalysisEvent.started("k" + i, "c"));
    }
    assertThat(feed.dropped()).isEqualTo(1);
    for (int i = 1; i <= 3; i++) {
      own("k" + i);
    }
    await().atMost(LONG).until(() -> seen.size() == 2);
  }

  @Test
  void aSubscriberThatAskedForNothingEndsAlone() throws Exception {
    own("k");
    List<Record> none = new CopyOnWriteArrayList<>();
    hub.events(ALICE, event -> true)
        .subscribe(
            new Listener(none) {
              @Override
              public void onSubscribe(Subscription subscription) {}
            });
    feed.take(Optional.empty(), AnalysisEvent.started("k", "c"));
    assertThat(none).isEmpty();
    assertThat(seen).hasSize(1);
    assertThat(hub.size()).isEqualTo(1);
  }

  @Test
  void anEventWhoseHandOverThrewIsHandedOverWhenItComesAgain() throws Exception {
    own("k");
    List<Record> late = failingOnce();
    Optional<String> id = Optional.of("m-1");
    assertThatThrownBy(() -> feed.take(id, AnalysisEvent.started("k", "c")))
        .isInstanceOf(IllegalStateException.class);
    feed.take(id, AnalysisEvent.started("k", "c"));
    assertThat(late).hasSize(1);
  }

  @Test
  void aWaitingEventOutlivesAHandOverThatThrew() throws Exception {
    List<Record> late = failingOnce();
    feed.take(Optional.empty(), AnalysisEvent.started("late", "c"));
    own("late");
    await().atMost(LONG).until(() -> late.size() == 1);
  }

  private List<Record> failingOnce() {
    List<Record> late = new CopyOnWriteArrayList<>();
    AtomicBoolean isFirst = new AtomicBoolean(true);
    hub.events(
            ALICE,
            event -> {
              if (isFirst.getAndSet(false)) {
                throw new IllegalStateException("not yet");
              }
              return true;
            })
        .subscribe(new Listener(late));
    return late;
  }

  private void own(String key) {
    owners.add(new Ownership(key, ALICE.tenantId(), ALICE.objectId(), "c", Instant.now()));
  }

  private static class Listener implements Subscriber<Record> {
    private final List<Record> seen;

    Listener(List<Record> seen) {
      this.seen = seen;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Record event) {
      seen.add(event);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
