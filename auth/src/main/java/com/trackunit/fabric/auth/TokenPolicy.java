// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * What the claims of a token must say, whoever signed it: version, tenant, issuer, audience, actor,
 * time and kind. It only refuses; that nothing in a token may be believed yet is the caller's
 * business. Immutable.
 */
final class TokenPolicy {
  private static final String B2C_HOST = ".b2clogin.com/";
  private static final String GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
  private static final String GRAPH_HOST = "https://graph.microsoft.";

  private final UUID tenant;
  private final Issuers issuers;
  private final Audience audience;
  private final Clock clock;
  private final Duration clockSkew;

  TokenPolicy(UUID tenant, Issuers issuers, Audience audience, Clock clock, Duration clockSkew) {
    this.tenant = tenant;
    this.issuers = issuers;
    this.audience = audience;
    this.clock = clock;
    this.clockSkew = clockSkew;
  }

  /**
   * Checks all that the claims alone decide.
   *
   * @return who acts
   * @throws InvalidTokenException if a claim refuses the token
   */
  UUID check(Claims claims) {
    TokenVersion version = version(claims);
    checkTenantAndIssuer(claims, version);
    // Before the audience: an ID token names its client there, and should be called by its name.
    UUID actor = actor(claims, version);
    checkAudience(claims, version);
    checkTime(claims);
    checkKind(claims);
    return actor;
  }

  /**
   * Checks that a key may sign for the tenant. For v1 tokens too, a key names the v2 issuer.
   *
   * @throws InvalidTokenException if the key belongs to somebody else
   */
  void check(SigningKey key) {
    if (!key.isOfThisCloud()) {
      throw new InvalidTokenException(Reason.KEY_CLOUD_REFUSED);
    }
    String tid = tenant.toString();
    String issuer = key.issuer();
    // A tenant's own set binds a key that names no issuer to that tenant.
    if (issuer != null && !Issuers.filled(issuer, tid).equals(issuers.v2(tid))) {
      throw new InvalidTokenException(Reason.KEY_ISSUER_REFUSED);
    }
  }

  private static TokenVersion version(Claims claims) {
    return switch (claims.text("ver")) {
      case "1.0" -> TokenVersion.V1;
      case "2.0" -> TokenVersion.V2;
      default ->
          throw new InvalidTokenException(Reason.VERSION_REFUSED, "ver is neither 1.0 nor 2.0");
    };
  }

  private void checkTenantAndIssuer(Claims claims, TokenVersion version) {
    String iss = claims.text("iss");
    if (iss.contains(B2C_HOST)) {
      throw new InvalidTokenException(Reason.B2C_TOKEN);
    }
    if (!tenant.equals(claims.guid("tid"))) {
      throw new InvalidTokenException(Reason.TENANT_REFUSED);
    }
    String tid = claims.text("tid");
    String v1 = issuers.v1(tid);
    String v2 = issuers.v2(tid);
    boolean isV1 = version == TokenVersion.V1;
    if (!iss.equals(isV1 ? v1 : v2)) {
      throw iss.equals(isV1 ? v2 : v1)
          ? new InvalidTokenException(
              Reason.VERSION_REFUSED, "ver does not agree with the form of iss")
          : new InvalidTokenException(Reason.ISSUER_REFUSED);
    }
  }

  private void checkAudience(Claims claims, TokenVersion version) {
    String aud = claims.text("aud");
    if (version == TokenVersion.V1 ? audience.acceptsV1(aud) : audience.acceptsV2(aud)) {
      return;
    }
    if (aud.equals(GRAPH_APP_ID) || aud.startsWith(GRAPH_HOST)) {
      throw new InvalidTokenException(Reason.GRAPH_TOKEN);
    }
    throw new InvalidTokenException(
        Reason.AUDIENCE_REFUSED,
        audience.acceptsV1(aud)
            ? "a v2 token names the client id in aud, never an App ID URI"
            : "aud is none of this API's names");
  }

  private static UUID actor(Claims claims, TokenVersion version) {
    String name = version == TokenVersion.V1 ? "appid" : "azp";
    if (!claims.has(name)) {
      throw new InvalidTokenException(
          Reason.ID_TOKEN, "claim " + name + " is missing: " + Reason.ID_TOKEN.summary());
    }
    // How the client proved itself; which value is good enough is not ours to say.
    claims.text(name + "acr");
    return claims.guid(name);
  }

  private void checkTime(Claims claims) {
    Instant now = clock.instant();
    if (!now.minus(clockSkew).isBefore(Instant.ofEpochSecond(claims.seconds("exp")))) {
      throw new InvalidTokenException(Reason.TOKEN_EXPIRED);
    }
    if (claims.has("nbf")
        && now.plus(clockSkew).isBefore(Instant.ofEpochSecond(claims.seconds("nbf")))) {
      throw new InvalidTokenException(Reason.TOKEN_NOT_YET_VALID);
    }
  }

  private static void checkKind(Claims claims) {
    boolean saysApp = claims.has("idtyp") && claims.text("idtyp").equals("app");
    if (!claims.words("scp").isEmpty()) {
      if (saysApp) {
        throw new InvalidTokenException(
            Reason.KIND_UNCLEAR, "scp says delegated, idtyp says app-only");
      }
      return;
    }
    if (claims.texts("roles").isEmpty()) {
      throw new InvalidTokenException(Reason.NO_PERMISSION);
    }
    boolean hasOtherKind = claims.has("idtyp") && !saysApp;
    if (hasOtherKind || !(saysApp || claims.text("sub").equals(claims.text("oid")))) {
      throw new InvalidTokenException(
          Reason.KIND_UNCLEAR, "no scp, and neither idtyp nor sub and oid say app-only");
    }
  }

  private enum TokenVersion {
    V1,
    V2
  }
}
