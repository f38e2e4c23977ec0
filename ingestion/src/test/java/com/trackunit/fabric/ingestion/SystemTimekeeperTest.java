// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The machine's clock, waited for. */
final class SystemTimekeeperTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private final SystemTimekeeper time = new SystemTimekeeper();
  private final BlockingQueue<String> rung = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    time.close();
  }

  @Test
  void alarmsRingInTheOrderOfTheirTimes() throws InterruptedException {
    var never = time.after(NEVER, () -> rung.add("never"));
    var later = time.after(Duration.ofSeconds(2), () -> rung.add("later"));
    var sooner = time.after(Duration.ofSeconds(1), () -> rung.add("sooner"));
    var atOnce = time.after(Duration.ZERO, () -> rung.add("at once"));

    assertThat(List.of(next(), next(), next())).containsExactly("at once", "sooner", "later");
    for (Timekeeper.Alarm alarm : List.of(later, sooner, atOnce)) {
      alarm.cancel();
    }
    never.cancel();
    time.close();
    assertThat(rung).as("what was taken back").isEmpty();
  }

  @Test
  void alarmsAfterOneThatWasTakenBackStillRing() throws InterruptedException {
    time.after(Duration.ofSeconds(1), () -> rung.add("taken back")).cancel();
    var unused = time.after(Duration.ofSeconds(1), () -> rung.add("kept"));

    assertThat(next()).isEqualTo("kept");
  }

  @Test
  void alarmThatFailsDoesNotKeepTheNextFromRinging() throws InterruptedException {
    var fails =
        time.after(
            Duration.ofMillis(10),
            () -> {
              throw new IllegalStateException("an alarm that fails");
            });
    var follows = time.after(Duration.ofMillis(10), () -> rung.add("next"));

    assertThat(next()).isEqualTo("next");
    fails.cancel();
    follows.cancel();
  }

  @Test
  void closingRingsWhatIsLeftAndWhatComesAfter() throws InterruptedException {
    var left = time.after(NEVER, () -> rung.add("left"));
    time.close();
    time.close();
    assertThat(next()).isEqualTo("left");
    assertThat(rung).isEmpty();

    var after = time.after(NEVER, () -> rung.add("after"));
    assertThat(next()).isEqualTo("after");
    left.cancel();
    after.cancel();
  }

  private String next() throws InterruptedException {
    String name = rung.poll(30, TimeUnit.SECONDS);
    assertThat(name).isNotNull();
    return name == null ? "" : name;
  }
}
