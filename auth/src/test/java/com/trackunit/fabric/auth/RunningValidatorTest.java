// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What stands around a verdict: stages, executors, providers, meters, logs. */
@Timeout(120)
class RunningValidatorTest {
  @AutoClose private final EntraFixture fixture = new EntraFixture();

  @Test
  void theAsynchronousFormGivesTheSameVerdicts() {
    try (EntraTokenValidator validator = fixture.validator().build()) {
      String good = fixture.token().mint();
      validator.validate(good);

      assertThat(validator.validateAsync(good).toCompletableFuture()).isCompleted();
      for (Attack attack : Attack.values()) {
        String token = fixture.token().attack(attack).mint();
        assertThat(asyncVerdict(validator, token))
            .as(attack.name())
            .isEqualTo(EntraFixture.verdict(validator, token));
      }
      assertThat(asyncVerdict(validator, null)).isEqualTo("token_missing");
    }
  }

  @Test
  void theAsynchronousFormBlocksNoCallerWhileKeysAreFetched() throws Exception {
    ExecutorService given = Executors.newFixedThreadPool(2, task -> new Thread(task, "given"));
    fixture.entra.delay(Endpoint.KEYS_V2, Duration.ofSeconds(1));
    try (EntraTokenValidator validator = fixture.validator().executor(given).build()) {
      CompletableFuture<String> completedOn =
          validator
              .validateAsync(fixture.token().mint())
              .thenApply(token -> Thread.currentThread().getName())
              .toCompletableFuture();
      assertThat(completedOn).isNotDone();

      assertThat(completedOn.get(60, TimeUnit.SECONDS)).isEqualTo("given");
    } finally {
      assertThat(given.isShutdown()).isFalse();
      given.shutdownNow();
    }
  }

  @Test
  void anAsynchronousRefusalIsOfTheSameTypeAsABlockingOne() {
    fixture.entra.outage(true);
    try (EntraTokenValidator validator = fixture.validator().build()) {
      CompletableFuture<AccessToken> verdict =
          validator.validateAsync(fixture.token().mint()).toCompletableFuture();
      assertThat(verdict)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(KeysUnavailableException.class);
    }
  }

  @Test
  void aStageThatIsCountedFailsWithTheSameBareExceptionAsOneThatIsNot() {
    for (MeterRegistry registry : Arrays.asList(null, new SimpleMeterRegistry())) {
      EntraTokenValidatorBuilder options = fixture.validator();
      try (EntraTokenValidator validator =
          registry == null ? options.build() : options.meterRegistry(registry).build()) {
        for (String token : List.of("garbage", fixture.token().header("kid", "unknown").mint())) {
          assertThat(
                  validator
                      .validateAsync(token)
                      .handle((accepted, failure) -> failure)
                      .toCompletableFuture()
                      .join())
              .isInstanceOf(InvalidTokenException.class);
        }
      }
    }
  }

  @Test
  void anExecutorThatTakesNoTaskLeavesTheTokenUndecided() {
    Executor full =
        task -> {
          throw new RejectedExecutionException("full");
        };
    try (EntraTokenValidator validator = fixture.validator().executor(full).build()) {
      String token = fixture.token().mint();
      assertThat(asyncVerdict(validator, token)).isEqualTo("keys_unavailable");
      assertThat(EntraFixture.verdict(validator, token)).isEqualTo("keys_unavailable");
    }
  }

  @Test
  void aProviderThatWasGivenVerifies() {
    Provider sunRsa = Security.getProvider("SunRsaSign");
    try (EntraTokenValidator validator =
        fixture
            .validator()
            .signatureProvider(sunRsa)
            .algorithms(SignatureAlgorithm.RS256, SignatureAlgorithm.values())
            .build()) {
      assertThat(EntraFixture.verdict(validator, fixture.token().mint())).isEqualTo("accepted");
      assertThat(
              EntraFixture.verdict(
                  validator, fixture.token().attack(Attack.SIGNATURE_TAMPERED).mint()))
          .isEqualTo("signature_invalid");
    }
  }

  @Test
  void aProviderWithoutTheAlgorithmIsRefusedWhenTheValidatorIsMade() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> fixture.validator().signatureProvider(Security.getProvider("SUN")).build())
        .withMessageContaining("signatureProvider")
        .withMessageContaining("RS256");
  }

  @Test
  void metersCountVerdictsCacheAndRefreshes() {
    MeterRegistry registry = new SimpleMeterRegistry();
    ManualTicker ticker = new ManualTicker();
    try (EntraTokenValidator validator =
        fixture.validator().ticker(ticker).meterRegistry(registry).build()) {
      String good = fixture.token().mint();
      validator.validate(good);
      validator.validate(good);
      assertThat(asyncVerdict(validator, good)).isEqualTo("accepted");
      EntraFixture.verdict(validator, fixture.token().expired().mint());
      asyncVerdict(validator, "garbage");
      ticker.advance(Duration.ofSeconds(90));

      assertThat(count(registry, "fabric.auth.validations", "outcome", "accepted")).isEqualTo(3);
      assertThat(count(registry, "fabric.auth.validations", "outcome", "token_expired"))
          .isEqualTo(1);
      assertThat(count(registry, "fabric.auth.validations", "outcome", "token_malformed"))
          .isEqualTo(1);
      assertThat(count(registry, "fabric.auth.cache", "result", "hit")).isEqualTo(2);
      assertThat(count(registry, "fabric.auth.key.refreshes", "outcome", "success")).isEqualTo(1);
      assertThat(registry.get("fabric.auth.keys").gauge().value()).isEqualTo(5);
      assertThat(registry.get("fabric.auth.key.age").gauge().value()).isEqualTo(90);

      fixture.entra.outage(true);
      EntraFixture.verdict(validator, fixture.token().header("kid", "unknown").mint());
      assertThat(count(registry, "fabric.auth.key.refreshes", "outcome", "failure")).isEqualTo(1);
    }
    assertThat(registry.find("fabric.auth.keys").gauge()).isNull();
  }

  @Test
  void aValidatorTakesOnlyItsOwnGaugesAway() {
    MeterRegistry registry = new SimpleMeterRegistry();
    EntraTokenValidator first = fixture.validator().meterRegistry(registry).build();
    fixture.validator().meterRegistry(registry).build().close();
    assertThat(registry.find("fabric.auth.keys").gauge()).isNotNull();

    first.close();
    try (EntraTokenValidator next = fixture.validator().meterRegistry(registry).build()) {
      next.validate(fixture.token().mint());
      first.close();
      assertThat(registry.get("fabric.auth.keys").gauge().value()).isEqualTo(5);
    }
  }

  @Test
  void noTokenAndNoClaimReachesALogAtAnyLevel() {
    Logger root = (Logger) LoggerFactory.getLogger("com.trackunit.fabric.auth");
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    root.addAppender(logged);
    root.setLevel(Level.TRACE);
    try (EntraTokenValidator validator = fixture.validator().build()) {
      String good = fixture.token().claim("name", "Ann Secret").mint();
      validator.validate(good);
      for (Attack attack : Attack.values()) {
        EntraFixture.verdict(
            validator, fixture.token().claim("name", "Ann Secret").attack(attack).mint());
      }
      fixture.entra.outage(true);
      EntraFixture.verdict(validator, fixture.token().header("kid", "kid-of-mine").mint());
      String all = logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList().toString();
      assertThat(all)
          .contains("signing keys")
          .doesNotContain("Ann Secret")
          .doesNotContain("kid-of-mine")
          .doesNotContain(fixture.api.clientId().toString())
          .doesNotContain(good.substring(0, 20));
    } finally {
      root.detachAppender(logged);
      root.setLevel(null);
    }
  }

  @Test
  void healthAndStatusFollowTheProvider() {
    fixture.entra.outage(true);
    try (EntraTokenValidator validator = fixture.validator().build()) {
      await().until(() -> validator.keyStatus().failedFetches() > 0);
      assertThat(validator.health().isUp()).isFalse();
      fixture.entra.heal();
      await().until(() -> validator.health().isUp());
      assertThat(validator.keyStatus().keys()).isEqualTo(5);
      assertThat(validator.keyStatus().lastFailure()).isEmpty();
    }
  }

  private static double count(MeterRegistry registry, String name, String tag, String value) {
    return registry.get(name).tag(tag, value).counter().count();
  }

  private static String asyncVerdict(EntraTokenValidator validator, @Nullable String token) {
    return validator
        .validateAsync(token)
        .thenApply(accepted -> "accepted")
        .exceptionally(RunningValidatorTest::code)
        .toCompletableFuture()
        .join();
  }

  private static String code(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof AuthException refusal ? refusal.reason().code() : String.valueOf(cause);
  }
}
