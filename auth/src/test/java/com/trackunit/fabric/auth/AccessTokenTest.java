// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.trackunit.fabric.testkit.entra.App;
import com.trackunit.fabric.testkit.entra.TokenBuilder;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a caller may do: scopes, roles, actors, and claims that a call needs on top. */
@Timeout(120)
class AccessTokenTest {
  private static final String ROLE = "Photos.Read.All";

  @AutoClose private static final EntraFixture fixture = new EntraFixture();
  @AutoClose private static final EntraTokenValidator validator = fixture.validator().build();

  @Test
  void anyScopeOfSeveralIsEnough() {
    AccessToken caller = validate(fixture.token().scopes("photos.read"));

    caller.requireAnyScope("analysis", "photos.read");
    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> caller.requireAnyScope("analysis", "photos.write"))
        .satisfies(
            e ->
                assertThat(e.wwwAuthenticate())
                    .contains(
                        "Bearer error=\"insufficient_scope\", scope=\"analysis photos.write\""));
  }

  @Test
  void aRoleCountsOnlyOnTheKindOfTokenThatWasAskedFor() {
    AccessToken application = validate(fixture.token().appOnly().roles(ROLE));
    AccessToken user = validate(fixture.token().roles(ROLE));

    application.requireRole(CallerKind.APP_ONLY, ROLE);
    user.requireRole(CallerKind.DELEGATED, ROLE);
    for (Runnable wrong :
        List.<Runnable>of(
            () -> application.requireRole(CallerKind.DELEGATED, ROLE),
            () -> user.requireRole(CallerKind.APP_ONLY, ROLE),
            () -> user.requireRole(CallerKind.DELEGATED, "photos.read.all"))) {
      assertThatExceptionOfType(AccessDeniedException.class)
          .isThrownBy(wrong::run)
          .matches(e -> e.reason() == Reason.ROLE_MISSING)
          .matches(e -> e.httpStatus() == 403);
    }
  }

  @Test
  void aScopeOrARoleEachOnItsOwnKindOfToken() {
    validate(fixture.token().scopes("analysis")).requireScopeOrRole("analysis", ROLE);
    validate(fixture.token().appOnly().roles(ROLE)).requireScopeOrRole("analysis", ROLE);
    AccessToken userWithRole = validate(fixture.token().scopes("photos.read").roles(ROLE));
    AccessToken otherApp = validate(fixture.token().appOnly().roles("Other"));

    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> userWithRole.requireScopeOrRole("analysis", ROLE));
    assertThatExceptionOfType(AccessDeniedException.class)
        .isThrownBy(() -> otherApp.requireScopeOrRole("analysis", ROLE));
  }

  @Test
  void aScopeThatCannotStandInAHeaderIsTheCallersMistake() {
    AccessToken caller = validate(fixture.token());
    for (String scope : List.of("", "a b", "a\"b", "a\\b", "a\r\nb")) {
      assertThatIllegalArgumentException().isThrownBy(() -> caller.requireScope(scope));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> caller.requireAnyScope());
  }

  @Test
  void groupOverageIsAFlagAndTheAddressInTheTokenIsNeverCalled() {
    AccessToken over =
        validate(
            fixture
                .token()
                .claim("_claim_names", Map.of("groups", "src1"))
                .claim(
                    "_claim_sources",
                    Map.of("src1", Map.of("endpoint", fixture.entra.authority() + "/evil"))));

    assertThat(over.hasGroupOverage()).isTrue();
    assertThat(validate(fixture.token().claim("hasgroups", true)).hasGroupOverage()).isTrue();
    assertThat(validate(fixture.token().claim("hasgroups", "true")).hasGroupOverage()).isTrue();
    assertThat(validate(fixture.token().claim("groups", List.of("a"))).hasGroupOverage()).isFalse();
    assertThat(validate(fixture.token().claim("hasgroups", false)).hasGroupOverage()).isFalse();
    assertThat(fixture.entra.requests(com.trackunit.fabric.testkit.entra.Endpoint.OTHER)).isZero();
  }

  @Test
  void aClientThatUnderstandsChallengesIsSentForABetterToken() {
    AccessToken caller = validate(fixture.token().claim("xms_cc", List.of("cp1")));

    assertThatExceptionOfType(ClaimsRequiredException.class)
        .isThrownBy(() -> caller.requireAuthenticationContext("c1"))
        .matches(e -> e.httpStatus() == 401)
        .matches(e -> e.reason() == Reason.CLAIMS_INSUFFICIENT)
        .satisfies(
            e -> {
              Matcher challenge =
                  Pattern.compile(
                          "Bearer realm=\"\", authorization_uri=\"([^\"]+)\","
                              + " error=\"insufficient_claims\", claims=\"([^\"]+)\"")
                      .matcher(e.wwwAuthenticate().orElseThrow());
              assertThat(challenge.matches()).isTrue();
              assertThat(challenge.group(1))
                  .isEqualTo(
                      fixture.entra.authority()
                          + "/"
                          + fixture.entra.tenant().id()
                          + "/oauth2/v2.0/authorize");
              assertThat(
                      new String(
                          Base64.getDecoder().decode(challenge.group(2)), StandardCharsets.UTF_8))
                  .isEqualTo("{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}");
            });
  }

  @Test
  void aClientThatDoesNotUnderstandChallengesIsDenied() {
    for (Object capability : List.of(List.of(), List.of("cp2"), "cp1")) {
      AccessToken caller = validate(fixture.token().claim("xms_cc", capability));
      assertThatExceptionOfType(ClaimsRequiredException.class)
          .isThrownBy(() -> caller.requireAuthenticationContext("c1"))
          .matches(e -> e.httpStatus() == 403)
          .satisfies(e -> assertThat(e.wwwAuthenticate().orElseThrow()).doesNotContain("claims="));
    }
  }

  @Test
  void anAuthenticationContextThatIsHeldPasses() {
    validate(fixture.token().claim("acrs", List.of("c1", "c3"))).requireAuthenticationContext("c3");
    AccessToken caller = validate(fixture.token());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> caller.requireAuthenticationContext("c100"));
  }

  @ParameterizedTest
  @EnumSource(TokenVersion.class)
  void onlyListedActorsMayCallAndTheRefusalIs403(TokenVersion version) {
    App friend = App.builder("friend").build();
    try (EntraTokenValidator strict = fixture.validator().actors(friend.clientId()).build()) {
      strict.validate(fixture.token().version(version).client(friend).mint());
      String stranger = fixture.token().version(version).mint();
      for (int i = 0; i < 2; i++) { // the second time from the cache
        assertThatExceptionOfType(AccessDeniedException.class)
            .isThrownBy(() -> strict.validate(stranger))
            .matches(e -> e.reason() == Reason.ACTOR_DENIED)
            .matches(e -> e.httpStatus() == 403);
      }
      assertThat(EntraFixture.verdict(strict, fixture.token().version(version).expired().mint()))
          .isEqualTo("token_expired");
    }
  }

  @Test
  void rulesAreGivenUpOnlyByName() {
    String nothing = fixture.token().scopes().mint();
    String unproven = fixture.token().scopes().roles(ROLE).mint();
    try (EntraTokenValidator noPermissions =
            fixture.validator().relax(Relaxation.NO_PERMISSIONS).build();
        EntraTokenValidator unknownKind =
            fixture.validator().relax(Relaxation.UNKNOWN_KIND).build()) {
      assertThat(noPermissions.validate(nothing).scopes()).isEmpty();
      assertThat(EntraFixture.verdict(noPermissions, unproven)).isEqualTo("kind_unclear");
      AccessToken unknown = unknownKind.validate(unproven);
      assertThat(unknown.kind()).isEqualTo(CallerKind.UNKNOWN);
      assertThat(unknown.hasRole(CallerKind.APP_ONLY, ROLE)).isFalse();
      assertThat(EntraFixture.verdict(unknownKind, nothing)).isEqualTo("no_permission");
    }
  }

  @Test
  void furtherAlgorithmsAreAcceptedOnlyWhenTheyAreListed() {
    String ps256 =
        fixture.token().attack(com.trackunit.fabric.testkit.entra.Attack.ALG_NOT_CONFIGURED).mint();
    try (EntraTokenValidator both =
            fixture
                .validator()
                .algorithms(SignatureAlgorithm.RS256, SignatureAlgorithm.PS256)
                .build();
        EntraTokenValidator other =
            fixture.validator().algorithms(SignatureAlgorithm.PS256).build()) {
      both.validate(ps256);
      both.validate(fixture.token().mint());
      assertThat(EntraFixture.verdict(other, fixture.token().mint()))
          .isEqualTo("algorithm_refused");
    }
  }

  @Test
  void theClaimsAreShownAsTheyWereSigned() {
    UUID extra = UUID.randomUUID();
    AccessToken caller = validate(fixture.token().claim("extra", Map.of("a", extra.toString())));

    assertThat(caller.claimsJson()).startsWith("{").contains("{\"a\":\"" + extra + "\"}");
    assertThat(caller.toString())
        .doesNotContain(extra.toString())
        .isEqualTo("AccessToken[delegated]");
  }

  private static AccessToken validate(TokenBuilder token) {
    return validator.validate(token.mint());
  }
}
