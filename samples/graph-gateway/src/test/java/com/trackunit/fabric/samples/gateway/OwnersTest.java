// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

final class OwnersTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private final Owners owners =
      new Owners(3, Duration.ofHours(24), Clock.fixed(NOON, ZoneOffset.UTC));

  @Test
  void whatWasHeardFirstStands() {
    owners.add(of("k", "alice", NOON));
    owners.add(of("k", "mallory", NOON));
    assertThat(owners.of("k").orElseThrow().oid()).isEqualTo("alice");
  }

  @Test
  void theEldestMakeRoom() {
    for (int i = 1; i <= 5; i++) {
      owners.add(of("k" + i, "alice", NOON));
    }
    assertThat(owners.size()).isEqualTo(3);
    assertThat(owners.of("k2")).isEmpty();
    assertThat(owners.of("k3")).isPresent();
  }

  @Test
  void readingTheLogAgainKeepsTheYoungest() {
    for (int round = 0; round < 2; round++) {
      for (int i = 1; i <= 5; i++) {
        owners.add(of("k" + i, "alice", NOON));
      }
    }
    assertThat(owners.of("k3")).isPresent();
    assertThat(owners.of("k4")).isPresent();
    assertThat(owners.of("k5")).isPresent();
  }

  @Test
  void afterADayAnUploadHasNoOwner() {
    owners.add(of("old", "alice", NOON.minus(Duration.ofHours(25))));
    owners.add(of("young", "alice", NOON.minus(Duration.ofHours(23))));
    assertThat(owners.of("old")).isEmpty();
    assertThat(owners.of("young")).isPresent();
    assertThat(owners.size()).isEqualTo(1);
  }

  private static Ownership of(String key, String oid, Instant at) {
    return new Ownership(key, "tenant", oid, "c", at);
  }
}
