// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\r\nb", "é", "\u007f"})
  void aCorrelationIdThatSomeProtocolCannotCarryIsRefused(String value) {
    assertThat(CorrelationId.isValid(value)).isFalse();
    assertThatThrownBy(() -> new CorrelationId(value)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCorrelationIdIsBounded() {
    assertThat(CorrelationId.isValid("x".repeat(CorrelationId.MAX_LENGTH))).isTrue();
    assertThat(CorrelationId.isValid("x".repeat(CorrelationId.MAX_LENGTH + 1))).isFalse();
    assertThat(CorrelationId.random()).isNotEqualTo(CorrelationId.random());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-"
      })
  void aTraceParentThatDoesNotFitIsIgnored(String header) {
    assertThat(TraceParent.parse(header)).isEmpty();
    assertThatThrownBy(() -> new TraceParent(header)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTraceParentOfTheStandardIsRead() {
    String header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assertThat(TraceParent.parse(header)).contains(new TraceParent(header));
    assertThat(TraceParent.parse(TraceParent.random().value())).isPresent();
  }

  @Test
  void aSecretNeverShowsItself() {
    Secret secret = Secret.of("hunter2");
    assertThat(secret.toString()).doesNotContain("hunter2");
    assertThat(secret.reveal()).isEqualTo("hunter2");
    assertThat(secret).isEqualTo(Secret.of("hunter2")).hasSameHashCodeAs(Secret.of("hunter2"));
    assertThat(secret).isNotEqualTo(Secret.of("hunter3"));
  }

  @Test
  void aDeadlineCountsDownAndStaysAtZero() {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // a ticker may overflow
    Deadline deadline = Deadline.after(Duration.ofNanos(10), now::get);
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(10));
    now.addAndGet(9);
    assertThat(deadline.hasPassed()).isFalse();
    now.addAndGet(2);
    assertThat(deadline.hasPassed()).isTrue();
    assertThat(deadline.remaining()).isZero();
    assertThatThrownBy(() -> Deadline.after(Duration.ofNanos(-1), now::get))
        .hasMessageContaining("out of bounds");
  }

  @Test
  void backoffDoublesWithEqualJitterUpToItsLimit() {
    Backoff backoff =
        Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(3), new SplittableRandom(7));
    long whole = 100;
    for (int failures = 1; failures <= 200; failures++) {
      long expected = Math.min(whole, 3_000);
      for (int i = 0; i < 50; i++) {
        assertThat(backoff.delay(failures))
            .isBetween(Duration.ofMillis(expected / 2), Duration.ofMillis(expected));
      }
      whole = Math.min(whole * 2, 1L << 40);
    }
    assertThatThrownBy(() -> backoff.delay(0)).hasMessageContaining("failures is 0");
  }

  @Test
  void backoffRefusesBoundsThatMakeNoSense() {
    SplittableRandom random = new SplittableRandom(1);
    assertThatThrownBy(() -> Backoff.exponential(Duration.ZERO, Duration.ofSeconds(1), random))
        .hasMessageContaining("initial is PT0S");
    assertThatThrownBy(
            () -> Backoff.exponential(Duration.ofSeconds(2), Duration.ofSeconds(1), random))
        .hasMessageContaining("limit is PT1S");
  }

  @Test
  void threadsSayWhoseTheyAre() {
    Thread thread = FabricThreads.named("messaging", "supervisor").newThread(() -> {});
    assertThat(thread.getName()).isEqualTo("fabric-messaging-supervisor-1");
    assertThat(thread.isDaemon()).isTrue();
  }
}
