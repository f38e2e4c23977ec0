// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whether a token that says what it says is meant for us, now: tenant, issuer, audience, time, kind
 * and the key's own issuer. It only refuses; that nothing in a token may be believed before its
 * signature is verified is the caller's business. It is asked again each time a token comes back.
 * Immutable.
 */
final class TokenPolicy {
  private static final String GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
  private static final String PLACEHOLDER = "{tenantid}";
  private static final String GRAPH_HOST = "https://graph.microsoft.";

  private final Authority authority;
  private final Expectations expected;
  private final Clock clock;
  private final long skewMillis;

  /**
   * Whose tokens are accepted.
   *
   * @param actors the client applications; empty for any
   */
  record Expectations(
      Tenants tenants, Audience audience, Set<UUID> actors, Set<Relaxation> relaxations) {
    Expectations {
      actors = Set.copyOf(actors);
      relaxations = Set.copyOf(relaxations);
    }
  }

  TokenPolicy(Authority authority, Expectations expected, Clock clock, Duration clockSkew) {
    this.authority = authority;
    this.expected = expected;
    this.clock = clock;
    this.skewMillis = clockSkew.toMillis();
  }

  /**
   * Checks all that the claims alone decide.
   *
   * @throws InvalidTokenException if a claim refuses the token
   */
  void check(AccessToken token) {
    checkTenant(token);
    checkIssuer(token);
    checkAudience(token);
    checkTime(token);
    checkKind(token);
  }

  /**
   * Checks that a key may sign this token. For v1 tokens too, a key names the v2 issuer.
   *
   * @param set where the key stands
   * @throws InvalidTokenException if the key belongs to somebody else
   */
  void check(AccessToken token, KeySet set, SigningKey key) {
    if (!set.isOfItsCloud(key)) {
      throw new InvalidTokenException(Reason.KEY_CLOUD_REFUSED);
    }
    if (authority.isExternalId() && !token.issuer().equals(set.issuer())) {
      throw wrongIssuer(set.issuer());
    }
    String keyIssuer = key.issuer();
    // A tenant's own set binds a key that names no issuer to that tenant.
    boolean isBound =
        keyIssuer == null ? expected.tenants().isOne() : isBound(keyIssuer, token, set);
    if (!isBound) {
      throw new InvalidTokenException(Reason.KEY_ISSUER_REFUSED);
    }
  }

  private boolean isBound(String keyIssuer, AccessToken token, KeySet set) {
    String tenant = token.tenantId().toString();
    return authority.isExternalId()
        ? Authority.filled(keyIssuer, tenant).equals(set.issuer())
        : authority.isV2KeyIssuer(keyIssuer, tenant);
  }

  /**
   * Checks that the client application is one of those that may call at all.
   *
   * @throws AccessDeniedException if there is a list and it is not on it
   */
  void checkActor(AccessToken token) {
    if (!expected.actors().isEmpty() && !expected.actors().contains(token.actor())) {
      throw AccessDeniedException.actorDenied();
    }
  }

  private void checkTenant(AccessToken token) {
    if (!expected.tenants().accept(token.tenantId())) {
      throw new InvalidTokenException(Reason.TENANT_REFUSED);
    }
  }

  private void checkIssuer(AccessToken token) {
    String iss = token.issuer();
    boolean isV1 = token.version() == TokenVersion.V1;
    if (authority.isExternalId()) {
      // Which issuer it is stands in the discovery document; it is compared along with the key.
      if (isV1) {
        throw new InvalidTokenException(
            Reason.VERSION_REFUSED, "External ID issues v2 tokens, this is a v1 token");
      }
      return;
    }
    String tid = token.tid();
    if (!(isV1 ? iss.equals(authority.v1(tid)) : authority.isV2(iss, tid))) {
      throw (isV1 ? authority.isV2(iss, tid) : iss.equals(authority.v1(tid)))
          ? new InvalidTokenException(
              Reason.VERSION_REFUSED, "ver does not agree with the form of iss")
          : wrongIssuer(isV1 ? authority.v1(PLACEHOLDER) : authority.v2(PLACEHOLDER));
    }
  }

  private static InvalidTokenException wrongIssuer(@Nullable String expected) {
    return new InvalidTokenException(
        Reason.ISSUER_REFUSED, Reason.ISSUER_REFUSED.summary() + ", expected " + expected);
  }

  private void checkAudience(AccessToken token) {
    String aud = token.audience();
    Audience audience = expected.audience();
    boolean isV1 = token.version() == TokenVersion.V1;
    if (isV1 ? audience.acceptsV1(aud) : audience.acceptsV2(aud)) {
      return;
    }
    if (aud.equals(GRAPH_APP_ID) || aud.startsWith(GRAPH_HOST)) {
      throw new InvalidTokenException(Reason.GRAPH_TOKEN);
    }
    throw new InvalidTokenException(Reason.AUDIENCE_REFUSED, wrongAudience(aud, isV1));
  }

  private String wrongAudience(String aud, boolean isV1) {
    if (!isV1 && expected.audience().acceptsV1(aud)) {
      return "a v2 token names the client id in aud, never an App ID URI";
    }
    return isV1 && !expected.audience().hasAppIdUri()
        ? "a v1 token names the App ID URI in aud, and this API lists none: add it, or set"
            + " requestedAccessTokenVersion to 2 in the API's registration"
        : "aud is none of this API's names";
  }

  private void checkTime(AccessToken token) {
    long now = clock.millis();
    if (now - skewMillis >= token.expiry() * 1000) {
      throw new InvalidTokenException(Reason.TOKEN_EXPIRED);
    }
    if (now + skewMillis < token.notBefore() * 1000) {
      throw new InvalidTokenException(Reason.TOKEN_NOT_YET_VALID);
    }
  }

  private void checkKind(AccessToken token) {
    Set<Relaxation> relaxed = expected.relaxations();
    if (token.kind() == CallerKind.DELEGATED) {
      return;
    }
    if (token.roles().isEmpty()) {
      if (!relaxed.contains(Relaxation.NO_PERMISSIONS)) {
        throw new InvalidTokenException(Reason.NO_PERMISSION);
      }
    } else if (token.kind() == CallerKind.UNKNOWN && !relaxed.contains(Relaxation.UNKNOWN_KIND)) {
      throw new InvalidTokenException(
          Reason.KIND_UNCLEAR, "no scp, and neither idtyp nor sub and oid say app-only");
    }
  }
}
