// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import static com.trackunit.fabric.core.ResourceState.CLOSED;
import static com.trackunit.fabric.core.ResourceState.CLOSING;
import static com.trackunit.fabric.core.ResourceState.OPEN;
import static com.trackunit.fabric.core.ResourceState.OPENING;
import static com.trackunit.fabric.core.ResourceState.RECOVERING;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T08:00:00Z"), ZoneOffset.UTC);

  private final Lifecycle lifecycle = new Lifecycle("thing", CLOCK, Runnable::run);
  private final List<StateChange> seen = new ArrayList<>();

  @Test
  void listenersSeeEachChangeInOrderWithItsReason() {
    lifecycle.addListener(seen::add);
    lifecycle.moveTo(OPEN, "connected");
    lifecycle.moveTo(RECOVERING, "connection reset");
    lifecycle.moveTo(OPEN, "connected again");

    assertThat(seen).extracting(StateChange::to).containsExactly(OPEN, RECOVERING, OPEN);
    assertThat(seen.get(1).reason()).isEqualTo("connection reset");
    assertThat(seen.get(1).at()).isEqualTo(CLOCK.instant());
  }

  @Test
  void aClosedResourceNeverComesBackToLife() {
    lifecycle.moveTo(CLOSING, "close()");
    assertThat(lifecycle.moveTo(OPEN, "late connection")).isFalse();
    lifecycle.moveTo(CLOSED, "closed");
    for (ResourceState state : ResourceState.values()) {
      assertThat(lifecycle.moveTo(state, "again")).isFalse();
    }
    assertThat(lifecycle.state()).isEqualTo(CLOSED);
  }

  @Test
  void theSameStateAgainIsNoChange() {
    lifecycle.addListener(seen::add);
    assertThat(lifecycle.moveTo(OPENING, "again")).isFalse();
    assertThat(seen).isEmpty();
  }

  @Test
  void aListenerThatThrowsSilencesNobody() {
    lifecycle.addListener(
        change -> {
          throw new IllegalStateException("listener");
        });
    lifecycle.addListener(seen::add);
    lifecycle.moveTo(OPEN, "connected");
    assertThat(seen).hasSize(1);
  }

  @Test
  void aListenerMayChangeTheStateAndAllSeeOneOrder() {
    lifecycle.addListener(
        change -> {
          if (change.to() == OPEN) {
            lifecycle.moveTo(RECOVERING, "by the listener");
          }
        });
    lifecycle.addListener(seen::add);
    lifecycle.moveTo(OPEN, "connected");
    assertThat(seen).extracting(StateChange::to).containsExactly(OPEN, RECOVERING);
  }

  @Test
  void healthIsUpOnlyWhileOpen() {
    assertThat(lifecycle.health().isUp()).isFalse();
    lifecycle.moveTo(OPEN, "connected");
    assertThat(lifecycle.health().isUp()).isTrue();
    lifecycle.moveTo(RECOVERING, "connection reset");
    assertThat(lifecycle.health().isUp()).isFalse();
    assertThat(lifecycle.health().detail()).contains("RECOVERING", "connection reset");
  }

  @Test
  void changesFromManyThreadsAreToldWithoutGaps() throws Exception {
    List<StateChange> told = Collections.synchronizedList(new ArrayList<>());
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      Lifecycle shared = new Lifecycle("shared", CLOCK, executor);
      shared.addListener(told::add);
      shared.moveTo(OPEN, "start");
      CountDownLatch done = new CountDownLatch(4);
      for (int thread = 0; thread < 4; thread++) {
        executor.execute(
            () -> {
              for (int i = 0; i < 500; i++) {
                shared.moveTo(RECOVERING, "r");
                shared.moveTo(OPEN, "o");
              }
              done.countDown();
            });
      }
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      executor.shutdown();
      assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
    for (int i = 1; i < told.size(); i++) {
      assertThat(told.get(i).from()).isEqualTo(told.get(i - 1).to());
    }
  }
}
