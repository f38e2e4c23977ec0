// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.testkit.entra.Attack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A key's engines serve one token after the other; what one token did to them the next never sees.
 */
@Timeout(120)
class SignatureEnginesTest {
  private static final int THREADS = 16;
  private static final int ROUNDS = 50;

  @AutoClose private final EntraFixture fixture = new EntraFixture();

  @AutoClose
  private final EntraTokenValidator validator =
      fixture
          .validator()
          .algorithms(SignatureAlgorithm.RS256, SignatureAlgorithm.PS256)
          .tokenCache(0, Duration.ofMinutes(1))
          .build();

  /** What each token is to be told, whatever came before it. */
  private final Map<String, String> verdicts = verdicts();

  private Map<String, String> verdicts() {
    String good = fixture.token().mint();
    int signature = good.lastIndexOf('.') + 1;
    char changed = good.charAt(signature) == 'A' ? 'B' : 'A';
    return Map.of(
        good,
        "accepted",
        fixture.token().attack(Attack.ALG_NOT_CONFIGURED).mint(), // PS256, by the same key
        "accepted",
        good.substring(0, signature) + changed + good.substring(signature + 1),
        "signature_invalid",
        good.substring(0, signature + 4),
        "signature_invalid",
        good + "AAAA",
        "signature_invalid");
  }

  @Test
  void oneAfterTheOther() {
    judgeAll();
  }

  @Test
  void manyThreadsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> ended = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        ended.add(threads.submit(this::judgeAll));
      }
      for (Future<?> each : ended) {
        each.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void judgeAll() {
    for (int round = 0; round < ROUNDS; round++) {
      verdicts.forEach(
          (token, verdict) ->
              assertThat(EntraFixture.verdict(validator, token)).isEqualTo(verdict));
    }
  }
}
