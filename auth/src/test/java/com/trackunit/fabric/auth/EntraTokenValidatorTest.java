// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.testkit.entra.TokenBuilder;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import com.trackunit.fabric.testkit.entra.User;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class EntraTokenValidatorTest {
  @AutoClose private static final EntraFixture fixture = new EntraFixture();
  @AutoClose private static final EntraTokenValidator validator = fixture.validator().build();

  @ParameterizedTest
  @EnumSource(TokenVersion.class)
  void aDelegatedTokenSaysWhoCallsAndWhatIsAllowed(TokenVersion version) {
    User user = fixture.entra.tenant().addUser("Ann");
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    AccessToken caller =
        validator.validate(
            fixture
                .token()
                .version(version)
                .user(user)
                .issuedAt(now)
                .lifetime(Duration.ofMinutes(30))
                .claim("uti", "an-id")
                .claim(version == TokenVersion.V1 ? "appid" : "azp", fixture.api.clientId())
                .mint());

    assertThat(caller.tenantId()).isEqualTo(fixture.entra.tenant().id());
    assertThat(caller.objectId()).isEqualTo(user.objectId());
    assertThat(caller.actor()).isEqualTo(fixture.api.clientId());
    assertThat(caller.scopes()).containsExactlyInAnyOrder("analysis", "photos.read");
    assertThat(caller.roles()).isEmpty();
    assertThat(caller.isAppOnly()).isFalse();
    assertThat(caller.expiresAt()).isEqualTo(now.plus(Duration.ofMinutes(30)));
    assertThat(caller.tokenId()).contains("an-id");
    caller.requireScope("analysis");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sub equals oid", "idtyp"})
  void anAppOnlyTokenHasRolesAndNoScope(String proof) {
    TokenBuilder token = fixture.token().appOnly().roles("Photos.Read.All");
    if (proof.equals("idtyp")) {
      token.claim("idtyp", "app").claim("sub", "something else");
    }

    AccessToken caller = validator.validate(token.mint());

    assertThat(caller.isAppOnly()).isTrue();
    assertThat(caller.roles()).containsExactly("Photos.Read.All");
    assertThat(caller.scopes()).isEmpty();
    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> caller.requireScope("Photos.Read.All"));
  }

  @Test
  void aScopeIsComparedWithCaseAndAsAWhole() {
    AccessToken caller = validator.validate(fixture.token().scopes("analysis.read").mint());

    assertThat(caller.hasScope("analysis.read")).isTrue();
    for (String scope : List.of("Analysis.Read", "analysis", "read", "analysis.read ", "")) {
      assertThat(caller.hasScope(scope)).as(scope).isFalse();
    }
  }

  @Test
  void aGoodTokenWithoutTheScopeIsAnsweredWith403AndTheScopeThatIsNeeded() {
    AccessToken caller = validator.validate(fixture.token().scopes("photos.read").mint());

    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> caller.requireScope("analysis"))
        .matches(e -> e.httpStatus() == 403)
        .matches(e -> e.reason() == Reason.SCOPE_MISSING)
        .matches(e -> !e.isRetryable())
        .satisfies(
            e ->
                assertThat(e.wwwAuthenticate())
                    .contains("Bearer error=\"insufficient_scope\", scope=\"analysis\""));
  }

  @Test
  void noTokenIsAnsweredWith401AndTheBareScheme() {
    for (String none : new String[] {null, ""}) {
      assertThatExceptionOfType(InvalidTokenException.class)
          .isThrownBy(() -> validator.validate(none))
          .matches(e -> e.httpStatus() == 401)
          .matches(e -> e.reason() == Reason.TOKEN_MISSING)
          .satisfies(e -> assertThat(e.wwwAuthenticate()).contains("Bearer"));
    }
  }

  @Test
  void aBadTokenIsAnsweredWith401AndWhy() {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> validator.validate(fixture.token().expired().mint()))
        .matches(e -> !e.isRetryable())
        .satisfies(
            e ->
                assertThat(e.wwwAuthenticate())
                    .contains(
                        "Bearer error=\"invalid_token\","
                            + " error_description=\"the token has expired\""));
  }

  @Test
  void clocksMayDifferByTheSkewAndNoMore() {
    Instant issued = Instant.parse("2030-01-01T00:00:00Z");
    String token = fixture.token().issuedAt(issued).lifetime(Duration.ofHours(1)).mint();
    Instant exp = issued.plus(Duration.ofHours(1));
    // The stand-in dates tokens back by five minutes, as Entra does.
    Instant nbf = issued.minus(Duration.ofMinutes(5));
    Duration skew = Duration.ofMinutes(5);

    assertThat(at(exp.plus(skew).minusSeconds(1), token)).isEqualTo("accepted");
    assertThat(at(exp.plus(skew), token)).isEqualTo("token_expired");
    assertThat(at(nbf.minus(skew), token)).isEqualTo("accepted");
    assertThat(at(nbf.minus(skew).minusSeconds(1), token)).isEqualTo("token_not_yet_valid");
  }

  @Test
  void aV1TokenMayNameTheAppIdUriWithASlashAndAV2TokenMayNot() {
    String uri = fixture.api.appIdUri();

    assertThat(verdict(fixture.token().version(TokenVersion.V1).audience(uri + "/")))
        .isEqualTo("accepted");
    assertThat(
            verdict(
                fixture
                    .token()
                    .version(TokenVersion.V1)
                    .audience(fixture.api.clientId().toString())))
        .isEqualTo("accepted");
    assertThat(verdict(fixture.token().version(TokenVersion.V2).audience(uri)))
        .isEqualTo("audience_refused");
    assertThat(verdict(fixture.token().claim("aud", List.of(fixture.api.clientId()))))
        .isEqualTo("claim_malformed");
  }

  @Test
  void typMayBeAbsentOrNameAnAccessToken() {
    assertThat(verdict(fixture.token().withoutHeader("typ"))).isEqualTo("accepted");
    assertThat(verdict(fixture.token().header("typ", "at+jwt"))).isEqualTo("accepted");
    assertThat(verdict(fixture.token().header("typ", "secevent+jwt"))).isEqualTo("type_refused");
    assertThat(verdict(fixture.token().header("typ", null))).isEqualTo("type_refused");
  }

  @Test
  void headerMembersThatMeanNothingToUsAreIgnored() {
    assertThat(verdict(fixture.token().header("x5t", "abc").header("ctx", Map.of("a", 1))))
        .isEqualTo("accepted");
  }

  @Test
  void aNameThatWeReadInAnotherCaseIsRefusedEvenAlone() {
    assertThat(verdict(fixture.token().claim("Scp", "admin"))).isEqualTo("duplicate_member");
    assertThat(verdict(fixture.token().claim("\u017fcp", "admin"))).isEqualTo("duplicate_member");
    assertThat(verdict(fixture.token().header("ALG", "none"))).isEqualTo("duplicate_member");
    assertThat(verdict(fixture.token().withoutHeader("kid").header("Kid", "a")))
        .isEqualTo("duplicate_member");
  }

  @Test
  void whatIsNeitherDelegatedNorAppOnlyIsRefused() {
    TokenBuilder rolesOnly = fixture.token().scopes().roles("Photos.Read.All");
    assertThat(verdict(rolesOnly)).isEqualTo("kind_unclear");
    assertThat(verdict(rolesOnly.claim("idtyp", "user"))).isEqualTo("kind_unclear");
    assertThat(verdict(fixture.token().claim("idtyp", "app"))).isEqualTo("kind_unclear");
    assertThat(verdict(fixture.token().appOnly())).isEqualTo("no_permission");
    assertThat(verdict(fixture.token().claim("scp", " "))).isEqualTo("claim_malformed");
    assertThat(verdict(fixture.token().claim("scp", null))).isEqualTo("claim_malformed");
    assertThat(verdict(fixture.token().claim("roles", "Photos.Read.All")))
        .isEqualTo("claim_malformed");
  }

  @Test
  void numbersOutOfBoundsAreRefused() {
    for (Object bad : List.of(-1, 253_402_300_800L, 1.5, true, "4102444800", List.of(1))) {
      assertThat(verdict(fixture.token().claim("exp", bad))).as("exp %s", bad).startsWith("claim_");
      assertThat(verdict(fixture.token().claim("nbf", bad))).as("nbf %s", bad).startsWith("claim_");
    }
  }

  @Test
  void aTokenOfB2cIsCalledByItsName() {
    String iss = "https://photos.b2clogin.com/" + fixture.entra.tenant().id() + "/v2.0/";
    assertThat(verdict(fixture.token().issuer(iss))).isEqualTo("b2c_token");
  }

  @Test
  void neitherATokenNorAValidatorShowsWhatItHolds() {
    String token = fixture.token().mint();
    AccessToken caller = validator.validate(token);

    assertThat(caller).hasToString("AccessToken[delegated]");
    assertThat(validator.toString()).doesNotContain(token).contains("signing keys");
  }

  @Test
  void healthIsUpOnceThereAreKeys() {
    await().untilAsserted(() -> assertThat(validator.health().isUp()).isTrue());
  }

  @Test
  void whoHandsOverTheSchemeTooIsToldSo() {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> validator.validate("Bearer " + fixture.token().mint()))
        .withMessageContaining("what follows \"Bearer \"")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.TOKEN_MALFORMED));
  }

  @ParameterizedTest
  @EnumSource(TokenVersion.class)
  void whoseIssuerIsAnotherIsToldWhichIsExpected(TokenVersion version) {
    String expected =
        version == TokenVersion.V1
            ? "https://sts.windows.net/{tenantid}/"
            : fixture.entra.authority() + "/{tenantid}/v2.0";
    String token = fixture.token().version(version).claim("iss", "https://i.example/").mint();
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> validator.validate(token))
        .withMessageEndingWith("expected " + expected)
        .withMessageNotContaining("i.example");
  }

  @Test
  void optionsOutOfBoundsAreRefusedByName() {
    Audience audience = Audience.of(UUID.randomUUID().toString());
    EntraTokenValidatorBuilder options = fixture.validator();

    for (String bad :
        List.of(
            "http://login.microsoftonline.com",
            "https://login.microsoftonline.com/common",
            "https://user@login.microsoftonline.com",
            "https://login.microsoftonline.com?a=b",
            "login.microsoftonline.com")) {
      assertThatIllegalArgumentException()
          .as(bad)
          .isThrownBy(() -> options.authorityHost(URI.create(bad)))
          .withMessageContaining("authorityHost")
          .withMessageContaining("login.microsoftonline.com")
          .withMessageNotContaining("user");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EntraTokenValidator.builder("common", audience))
        .withMessageContaining("tenantId");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.clockSkew(Duration.ofMinutes(11)))
        .withMessageContaining("clockSkew");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.fetchTimeout(Duration.ZERO))
        .withMessageContaining("fetchTimeout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.unknownKidWindow(Duration.ZERO))
        .withMessageContaining("unknownKidWindow");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.refreshEvery(Duration.ofDays(2)))
        .withMessageContaining("refreshEvery");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.maxKeyAge(Duration.ofMinutes(1)).build())
        .withMessageContaining("maxKeyAge");
  }

  @Test
  void anAuthorityMayEndInASlashAndATenantMayBeInUpperCase() {
    String tenant = fixture.entra.tenant().id().toString().toUpperCase(Locale.ROOT);
    try (EntraTokenValidator other =
        EntraTokenValidator.builder(tenant, Audience.of(fixture.api.clientId().toString()))
            .authorityHost(URI.create(fixture.entra.authority() + "/"))
            .httpClient(fixture.http)
            .build()) {
      assertThat(other.validate(fixture.token().mint()).hasScope("analysis")).isTrue();
    }
  }

  private static String at(Instant now, String token) {
    try (EntraTokenValidator then =
        fixture.validator().clock(Clock.fixed(now, ZoneOffset.UTC)).build()) {
      return verdict(then, token);
    }
  }

  private static String verdict(TokenBuilder token) {
    return verdict(validator, token.mint());
  }

  private static String verdict(EntraTokenValidator by, String token) {
    try {
      by.validate(token);
      return "accepted";
    } catch (AuthException e) {
      return e.reason().code();
    }
  }
}
