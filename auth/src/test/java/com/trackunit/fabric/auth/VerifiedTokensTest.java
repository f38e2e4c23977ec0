// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.trackunit.fabric.testkit.entra.SigningKey;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A token that was verified once saves the signature the next time, and nothing else. */
@Timeout(120)
class VerifiedTokensTest {
  private static final Duration MAX_AGE = Duration.ofMinutes(5);

  private final EntraFixture fixture = new EntraFixture();
  private final ManualTicker ticker = new ManualTicker();
  private final ManualClock clock = new ManualClock();
  private final EntraTokenValidator validator =
      fixture.validator().ticker(ticker).clock(clock).tokenCache(64, MAX_AGE).build();

  @AfterEach
  void close() {
    validator.close();
    fixture.close();
  }

  @Test
  void theSameBytesGetTheSameAnswerWithoutAnotherSignature() {
    String token = fixture.token().mint();

    AccessToken first = validator.validate(token);

    assertThat(validator.validate(token)).isSameAs(first);
    assertThat(validator.validate(fixture.token().mint())).isNotSameAs(first);
  }

  @Test
  void timeIsCheckedAgainOnEveryUse() {
    String token = fixture.token().lifetime(Duration.ofMinutes(1)).mint();
    validator.validate(token);

    clock.advance(Duration.ofMinutes(6).plusSeconds(1));

    assertThat(EntraFixture.verdict(validator, token)).isEqualTo("token_expired");
  }

  @Test
  void afterItsAgeATokenIsVerifiedAnew() {
    String token = fixture.token().mint();
    AccessToken first = validator.validate(token);

    ticker.advance(MAX_AGE.minusNanos(1));
    assertThat(validator.validate(token)).isSameAs(first);
    ticker.advance(Duration.ofNanos(1));
    assertThat(validator.validate(token)).isNotSameAs(first);
  }

  @Test
  void aTokenIsKeptNoLongerThanItLives() {
    String token = fixture.token().lifetime(Duration.ofMinutes(2)).mint();
    AccessToken first = validator.validate(token);

    ticker.advance(Duration.ofMinutes(3));

    assertThat(validator.validate(token)).isNotSameAs(first);
  }

  @Test
  void aKeyThatIsTakenOutTakesItsTokensAlong() {
    SigningKey old = fixture.entra.signingKey();
    String token = fixture.token().mint();
    validator.validate(token);
    fixture.entra.rotateKeys();
    fixture.entra.retireKey(old.kid());

    validator.validate(fixture.token().mint()); // the first token of the new key fetches it

    assertThat(EntraFixture.verdict(validator, token)).isEqualTo("kid_unknown");
  }

  @Test
  void aRefreshThatBringsTheSameKeysKeepsTheTokens() {
    String token = fixture.token().mint();
    AccessToken first = validator.validate(token);
    String unknown = fixture.token().header("kid", "unknown").mint();

    assertThat(EntraFixture.verdict(validator, unknown)).isEqualTo("kid_unknown");

    assertThat(validator.validate(token)).isSameAs(first);
  }

  @Test
  void withKeysTooOldAKeptTokenIsNotDecidedEither() {
    String token = fixture.token().mint();
    validator.validate(token);
    fixture.entra.outage(true);

    ticker.advance(Duration.ofHours(24).plusNanos(1));

    assertThat(EntraFixture.verdict(validator, token)).isEqualTo("keys_unavailable");
  }

  @Test
  void aRefusalIsNeverKept() {
    SigningKey coming = SigningKey.builder().build();
    String early = fixture.token().signedBy(coming).mint();
    assertThat(EntraFixture.verdict(validator, early)).isEqualTo("kid_unknown");

    fixture.entra.publishKey(coming);
    ticker.advance(Duration.ofMinutes(5));

    assertThat(EntraFixture.verdict(validator, early)).isEqualTo("accepted");
  }

  @Test
  void aTokenThatDiffersInOneCharacterIsNotMistakenForAKeptOne() {
    String token = fixture.token().mint();
    validator.validate(token);
    for (int at = 0; at < token.length(); at += 7) {
      char changed = token.charAt(at) == 'A' ? 'B' : 'A';
      String other = token.substring(0, at) + changed + token.substring(at + 1);
      assertThat(EntraFixture.verdict(validator, other)).isNotEqualTo("accepted");
      String wide = token.substring(0, at) + "\u0141" + token.substring(at + 1);
      assertThat(EntraFixture.verdict(validator, wide)).isNotEqualTo("accepted");
    }
  }

  @Test
  void manyTokensDoNotOutgrowTheBound() {
    TokenCache cache = new TokenCache(64);
    KeySet set = TestKeys.set("a");
    AccessToken token = validator.validate(fixture.token().mint());
    int kept = 0;
    for (int i = 0; i < 10_000; i++) {
      cache.put("token " + i, new TokenCache.Verified(token, set, "a", Long.MAX_VALUE / 2 + i), 0);
    }
    for (int i = 0; i < 10_000; i++) {
      kept += cache.get("token " + i, set, 0) == null ? 0 : 1;
    }

    assertThat(kept).isBetween(32, 64);
  }

  @Test
  void largeTokensTakeTheRoomOfSeveralAndTheLargestAreNotKept() {
    TokenCache cache = new TokenCache(8);
    KeySet set = TestKeys.set("a");
    AccessToken token = validator.validate(fixture.token().mint());
    String large = "x".repeat(8_000);
    String largest = "x".repeat(32_000);
    for (int i = 0; i < 8; i++) {
      cache.put(large + i, new TokenCache.Verified(token, set, "a", 1_000 + i), 0);
    }
    cache.put(largest, new TokenCache.Verified(token, set, "a", 9_999), 0);

    int kept = 0;
    for (int i = 0; i < 8; i++) {
      kept += cache.get(large + i, set, 0) == null ? 0 : 1;
    }
    assertThat(kept).isEqualTo(2);
    assertThat(cache.get(large + 7, set, 0)).isNotNull();
    assertThat(cache.get(largest, set, 0)).isNull();
  }

  @Test
  void theCacheCanBeLeftOut() {
    try (EntraTokenValidator without = fixture.validator().tokenCache(0, MAX_AGE).build()) {
      String token = fixture.token().mint();
      assertThat(without.validate(token)).isNotSameAs(without.validate(token));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fixture.validator().tokenCache(-1, MAX_AGE))
        .withMessageContaining("tokenCache");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fixture.validator().tokenCache(1, Duration.ZERO))
        .withMessageContaining("tokenCache");
  }
}
