// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Executors that were given to fetch keys, and do not do it. */
@Timeout(60)
class KeyFetchExecutorTest {
  private static final KeyTiming TIMING =
      new KeyTiming(
          Duration.ofHours(1), Duration.ofHours(24), Duration.ofSeconds(1), Duration.ofMillis(200));

  private final AtomicInteger fetches = new AtomicInteger();

  @Test
  void anExecutorThatFailsToMakeAThreadIsAFailedFetchAndTheNextOneSucceeds() {
    AtomicInteger asked = new AtomicInteger();
    Executor exhausted =
        task -> {
          if (asked.incrementAndGet() == 1) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          task.run();
        };
    try (KeyRing ring = ring(exhausted)) {
      ring.start(null);
      await().until(() -> ring.status().failedFetches() == 1 || ring.health().isUp());
      await().until(() -> ring.health().isUp());
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aTaskThatTheExecutorDropsIsAFailedFetchAndTheNextOneSucceeds() {
    List<Runnable> dropped = new CopyOnWriteArrayList<>();
    Executor full =
        task -> {
          if (dropped.isEmpty()) {
            dropped.add(task);
          } else {
            task.run();
          }
        };
    try (KeyRing ring = ring(full)) {
      ring.start(null);
      await().until(() -> ring.status().failedFetches() > 0);
      assertThat(ring.status().lastFailure().orElse("")).contains("executor").contains("PT0.2S");
      await().until(() -> ring.health().isUp());

      dropped.forEach(Runnable::run);
      assertThat(fetches).as("one that comes too late fetches nothing").hasValue(1);
    }
  }

  private KeyRing ring(Executor fetcher) {
    KeySetSource source =
        () -> {
          fetches.incrementAndGet();
          return TestKeys.set("old");
        };
    return new KeyRing(source, TIMING, Ticker.system(), fetcher);
  }
}
