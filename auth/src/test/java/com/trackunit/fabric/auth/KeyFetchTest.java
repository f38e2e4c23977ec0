// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.Endpoint;
import com.trackunit.fabric.testkit.entra.Fault;
import com.trackunit.fabric.testkit.entra.SigningKey;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys over real HTTPS, from a provider that fails in every way the stand-in knows. */
@Timeout(120)
class KeyFetchTest {
  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final EntraFixture fixture = new EntraFixture();
  private final ManualTicker ticker = new ManualTicker();
  private final EntraTokenValidatorBuilder options =
      fixture.validator().ticker(ticker).unknownKidWindow(WINDOW);

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void withTheProviderDownAtStartTheAnswerIs503AndTheFirstTokenAfterItComesBackIsAccepted() {
    fixture.entra.outage(true);
    try (EntraTokenValidator validator = options.build()) {
      String token = fixture.token().mint();
      assertThatExceptionOfType(KeysUnavailableException.class)
          .isThrownBy(() -> validator.validate(token))
          .matches(e -> e.httpStatus() == 503)
          .matches(e -> e.wwwAuthenticate().isEmpty())
          .matches(KeysUnavailableException::isRetryable);
      assertThat(validator.health().isUp()).isFalse();

      fixture.entra.heal();

      validator.validate(token).requireScope("analysis");
      assertThat(validator.health().isUp()).isTrue();
    }
  }

  @Test
  void withTheProviderDownABadTokenIsStillABadToken() {
    fixture.entra.outage(true);
    try (EntraTokenValidator validator = options.build()) {
      assertReason(validator, fixture.token().expired().mint(), Reason.TOKEN_EXPIRED);
      assertReason(validator, "garbage", Reason.TOKEN_MALFORMED);
    }
  }

  @Test
  void lastGoodKeysServeDuringAnOutageAndAnUnknownKidIsStale() {
    try (EntraTokenValidator validator = options.build()) {
      String token = fixture.token().mint();
      validator.validate(token);
      fixture.entra.outage(true);
      fixture.entra.rotateKeys();

      validator.validate(token);
      assertReason(validator, fixture.token().mint(), Reason.KEYS_STALE);

      ticker.advance(Duration.ofHours(24).plusSeconds(1));
      assertThatExceptionOfType(KeysUnavailableException.class)
          .isThrownBy(() -> validator.validate(token));
    }
  }

  @Test
  void theFirstTokenAfterAKeyRolloverIsAccepted() {
    try (EntraTokenValidator validator = options.build()) {
      validator.validate(fixture.token().mint());
      fixture.entra.resetRequests();
      fixture.entra.rotateKeys();

      validator.validate(fixture.token().mint());

      assertThat(fixture.entra.requests(Endpoint.KEYS_V2)).isEqualTo(1);
    }
  }

  @Test
  void aKeyThatWasTakenOutNoLongerServesAfterTheNextFetch() {
    try (EntraTokenValidator validator = options.build()) {
      SigningKey old = fixture.entra.signingKey();
      String before = fixture.token().mint();
      validator.validate(before);
      fixture.entra.rotateKeys();
      fixture.entra.retireKey(old.kid());
      validator.validate(fixture.token().mint());

      assertReason(validator, before, Reason.KID_UNKNOWN);
    }
  }

  @Test
  void knownKidsAreNotDelayedWhileTheProviderHangs() throws Exception {
    ExecutorService callers = Executors.newSingleThreadExecutor();
    try (EntraTokenValidator validator = options.build()) {
      String known = fixture.token().mint();
      validator.validate(known);
      fixture.entra.delay(Endpoint.KEYS_V2, Duration.ofSeconds(60));
      fixture.entra.resetRequests();
      fixture.entra.rotateKeys();
      String unknown = fixture.token().mint();
      Future<?> hanging = callers.submit(() -> validator.validate(unknown));
      await().until(() -> fixture.entra.requests(Endpoint.KEYS_V2) == 1);

      validator.validate(known);

      assertThat(hanging.isDone()).isFalse();
    } finally {
      callers.shutdownNow();
      assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  static Stream<Arguments> faults() {
    Fault redirectOffHost = Fault.redirect(URI.create("https://elsewhere.example/keys"));
    Fault redirectToHttp = Fault.redirect(URI.create("http://localhost/keys"));
    return Stream.of(
        Arguments.of(Endpoint.DISCOVERY_V2, Fault.status(500)),
        Arguments.of(Endpoint.DISCOVERY_V2, Fault.status(404)),
        Arguments.of(Endpoint.DISCOVERY_V2, Fault.invalidJson()),
        Arguments.of(Endpoint.DISCOVERY_V2, Fault.hugeBody(300 * 1024)),
        Arguments.of(Endpoint.DISCOVERY_V2, redirectOffHost),
        Arguments.of(Endpoint.DISCOVERY_V2, redirectToHttp),
        Arguments.of(Endpoint.DISCOVERY_V2, keysAt("https://elsewhere.example/keys")),
        Arguments.of(Endpoint.DISCOVERY_V2, keysAt("http://localhost/keys")),
        Arguments.of(Endpoint.DISCOVERY_V2, keysAt("https://localhost/keys")),
        Arguments.of(Endpoint.DISCOVERY_V2, keysAt("::")),
        Arguments.of(
            Endpoint.DISCOVERY_V2,
            Fault.rewritten(body -> body.replaceFirst("\"issuer\":\"https", "\"issuer\":\"http"))),
        Arguments.of(
            Endpoint.DISCOVERY_V2, Fault.rewritten(body -> body.replace("jwks_uri", "jwks"))),
        Arguments.of(Endpoint.KEYS_V2, Fault.status(503)),
        Arguments.of(Endpoint.KEYS_V2, Fault.status(204)),
        Arguments.of(Endpoint.KEYS_V2, Fault.invalidJson()),
        Arguments.of(Endpoint.KEYS_V2, Fault.emptyKeySet()),
        Arguments.of(Endpoint.KEYS_V2, Fault.hugeBody(2 * 1024 * 1024)),
        Arguments.of(Endpoint.KEYS_V2, Fault.slowBody(Duration.ofMillis(50))),
        Arguments.of(Endpoint.KEYS_V2, redirectOffHost),
        Arguments.of(Endpoint.KEYS_V2, redirectToHttp));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aBadAnswerNeverReplacesTheGoodKeys(Endpoint endpoint, Fault fault) {
    try (EntraTokenValidator validator = options.fetchTimeout(Duration.ofSeconds(5)).build()) {
      String known = fixture.token().mint();
      await().until(() -> validator.health().isUp());
      fixture.entra.fail(endpoint, fault);
      fixture.entra.rotateKeys();

      assertReason(validator, fixture.token().mint(), Reason.KEYS_STALE);
      validator.validate(known);

      fixture.entra.heal();
      ticker.advance(WINDOW);
      validator.validate(fixture.token().mint());
    }
  }

  @Test
  void weakAndMalformedAndAmbiguousKeysAreSkippedAndTheOthersServe() {
    String good = fixture.token().mint();
    SigningKey weak = SigningKey.builder().bits(1024).build();
    SigningKey one = SigningKey.builder().kid("twin").build();
    SigningKey other = SigningKey.builder().kid("twin").build();
    fixture.entra.publishKey(weak);
    fixture.entra.publishKey(one);
    fixture.entra.publishKey(other);
    fixture.entra.fail(Endpoint.KEYS_V2, Fault.oneBadKey());
    try (EntraTokenValidator validator = options.build()) {
      validator.validate(good);
      assertReason(validator, fixture.token().signedBy(weak).mint(), Reason.KID_UNKNOWN);
      assertReason(validator, fixture.token().signedBy(one).mint(), Reason.KID_UNKNOWN);
      assertReason(validator, fixture.token().signedBy(other).mint(), Reason.KID_UNKNOWN);
      assertThat(validator.health().detail()).contains("3 skipped");
    }
  }

  @Test
  void aBadKeyThatComesLaterIsReportedThoughTheGoodOnesAreTheSame() {
    try (EntraTokenValidator validator = options.build()) {
      validator.validate(fixture.token().mint());
      assertThat(validator.keyStatus().skipped()).isEmpty();
      fixture.entra.fail(Endpoint.KEYS_V2, Fault.oneBadKey());

      assertReason(validator, fixture.token().header("kid", "unknown").mint(), Reason.KID_UNKNOWN);

      assertThat(validator.keyStatus().skipped()).hasSize(1);
      assertThat(validator.keyStatus().keys()).isEqualTo(5);
    }
  }

  @Test
  void aKeyWithoutIssuerBelongsToTheTenantWhoseOwnSetHoldsIt() {
    SigningKey key = SigningKey.builder().withoutIssuer().build();
    fixture.entra.publishKey(key);
    try (EntraTokenValidator validator = options.build()) {
      validator.validate(fixture.token().signedBy(key).mint());
    }
  }

  @Test
  void aV1TokenIsJudgedByTheV2SetToo() {
    try (EntraTokenValidator validator = options.build()) {
      validator.validate(fixture.token().version(TokenVersion.V1).mint());
      assertReason(
          validator,
          fixture.token().version(TokenVersion.V1).attack(Attack.KEY_OF_ANOTHER_TENANT).mint(),
          Reason.KEY_ISSUER_REFUSED);
      assertThat(fixture.entra.requests(Endpoint.DISCOVERY_V1)).isZero();
      assertThat(fixture.entra.requests(Endpoint.KEYS_V1)).isZero();
    }
  }

  @Test
  void oneKeyServesUnderATemplatedIssuer() {
    String tenant = fixture.entra.tenant().id().toString();
    fixture.entra.fail(
        Endpoint.KEYS_V2,
        Fault.rewritten(body -> body.replace("/" + tenant + "/v2.0", "/{tenantid}/v2.0")));
    try (EntraTokenValidator validator = options.build()) {
      validator.validate(fixture.token().mint());
    }
  }

  @Test
  void closingEndsAFetchThatHangsAndLeavesNoThread() {
    long others = keyThreads(); // the fuzz targets keep their validator
    fixture.entra.delay(Endpoint.DISCOVERY_V2, Duration.ofMinutes(5));
    EntraTokenValidator validator = options.build();
    await().atMost(PATIENCE).until(() -> fixture.entra.requests(Endpoint.DISCOVERY_V2) == 1);

    validator.close();
    validator.close();

    await().atMost(PATIENCE).until(() -> keyThreads() == others);
  }

  private static long keyThreads() {
    Map<Thread, StackTraceElement[]> all = Thread.getAllStackTraces();
    return all.keySet().stream().filter(t -> t.getName().startsWith("fabric-auth-keys")).count();
  }

  private static Fault keysAt(String address) {
    return Fault.rewritten(
        body -> body.replaceFirst("\"jwks_uri\":\"[^\"]*\"", "\"jwks_uri\":\"" + address + "\""));
  }

  private static void assertReason(EntraTokenValidator validator, String token, Reason reason) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> validator.validate(token))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
