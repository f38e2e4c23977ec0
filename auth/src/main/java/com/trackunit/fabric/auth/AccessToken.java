// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What a validated access token says about its caller. The caller's identity is the pair of {@link
 * #tenantId()} and {@link #objectId()}; names and addresses in a token are no identity. Immutable,
 * thread-safe; {@link #toString()} shows no claim.
 *
 * <p>Only {@link EntraTokenValidator} makes one. It was valid at that moment: whoever keeps it
 * longer than a request looks at {@link #expiresAt()}.
 */
public final class AccessToken {
  /** A scope-token of RFC 6749, section 3.3: fit to stand in a header. */
  private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]+");

  private static final String B2C_HOST = ".b2clogin.com/";

  private final TokenVersion version;
  private final String issuer;
  private final String tid;
  private final UUID tenantId;
  private final UUID objectId;
  private final UUID actor;
  private final String audience;
  private final CallerKind kind;
  private final Set<String> scopes;
  private final Set<String> roles;
  private final long expiry;
  private final long notBefore;
  private final Claims claims;
  private final String authorizationUri;

  /**
   * Reads what every access token has, and tells tokens of other kinds by their form. Whether the
   * token is meant for us is not looked at here.
   *
   * @param authorizationUri where a client gets another token, for claims challenges
   * @throws InvalidTokenException if a claim is missing or malformed, or it is no access token
   */
  AccessToken(Claims claims, String authorizationUri) {
    this.claims = claims;
    this.authorizationUri = authorizationUri;
    this.issuer = claims.text("iss");
    // Under a domain of its own, B2C is known by the name of the user flow.
    if (issuer.contains(B2C_HOST) || claims.has("tfp")) {
      throw new InvalidTokenException(Reason.B2C_TOKEN);
    }
    this.version = TokenVersion.of(claims);
    this.tenantId = claims.guid("tid");
    this.tid = claims.text("tid");
    this.actor = actor(claims, version);
    this.audience = claims.text("aud");
    this.expiry = claims.seconds("exp");
    this.notBefore = claims.has("nbf") ? claims.seconds("nbf") : 0;
    this.scopes = claims.words("scp");
    this.roles = claims.texts("roles");
    this.kind = kind(claims, scopes);
    this.objectId = claims.guid("oid");
    claims.optionalText("uti");
  }

  private static UUID actor(Claims claims, TokenVersion version) {
    String name = version.actorClaim();
    if (!claims.has(name)) {
      if (claims.has(version.other().actorClaim())) {
        throw new InvalidTokenException(
            Reason.VERSION_REFUSED, "ver does not agree with the claim that names the actor");
      }
      throw new InvalidTokenException(
          Reason.ID_TOKEN, "claim " + name + " is missing: " + Reason.ID_TOKEN.summary());
    }
    // How the client proved itself; which value is good enough is not ours to say.
    claims.text(name + "acr");
    return claims.guid(name);
  }

  private static CallerKind kind(Claims claims, Set<String> scopes) {
    boolean hasKind = claims.has("idtyp");
    boolean saysApp = hasKind && claims.text("idtyp").equals("app");
    if (!scopes.isEmpty()) {
      if (saysApp) {
        throw new InvalidTokenException(
            Reason.KIND_UNCLEAR, "scp says delegated, idtyp says app-only");
      }
      return CallerKind.DELEGATED;
    }
    boolean isItsOwnSubject = !hasKind && claims.text("sub").equals(claims.text("oid"));
    return saysApp || isItsOwnSubject ? CallerKind.APP_ONLY : CallerKind.UNKNOWN;
  }

  /**
   * The tenant of the caller ({@code tid}).
   *
   * @return never null
   */
  public UUID tenantId() {
    return tenantId;
  }

  /**
   * The user, or for an app-only token the service principal ({@code oid}), within its tenant.
   *
   * @return never null
   */
  public UUID objectId() {
    return objectId;
  }

  /**
   * The client application that sent the token ({@code azp} or {@code appid}).
   *
   * @return its client id
   */
  public UUID actor() {
    return actor;
  }

  /**
   * Who stands behind the call.
   *
   * @return {@link CallerKind#UNKNOWN} only where a {@link Relaxation} lets such tokens in
   */
  public CallerKind kind() {
    return kind;
  }

  /**
   * What the user allowed the client to do ({@code scp}).
   *
   * @return unmodifiable; empty for an app-only token
   */
  public Set<String> scopes() {
    return scopes;
  }

  /**
   * The app roles of the user or of the application ({@code roles}). Roles stand on both kinds of
   * token: look at {@link #kind()} too, as {@link #requireRole} does.
   *
   * @return unmodifiable, may be empty
   */
  public Set<String> roles() {
    return roles;
  }

  /**
   * The end of the token's life ({@code exp}), without any tolerance for clock skew.
   *
   * @return never null
   */
  public Instant expiresAt() {
    return Instant.ofEpochSecond(expiry);
  }

  /**
   * The token's own id ({@code uti}), for logs and revocation.
   *
   * @return empty if the token has none
   */
  public Optional<String> tokenId() {
    return Optional.ofNullable(claims.optionalText("uti"));
  }

  /**
   * Whether the user is in more groups than fit into a token ({@code _claim_names.groups} or {@code
   * hasgroups}), so that {@code groups} is not the whole answer. Ask Microsoft Graph then, at its
   * own address: the one inside the token is not to be trusted with a call.
   *
   * @return true if groups were left out
   */
  public boolean hasGroupOverage() {
    Object elsewhere = claims.raw("_claim_names");
    Object flag = claims.raw("hasgroups");
    return (elsewhere instanceof Map<?, ?> names && names.containsKey("groups"))
        || Boolean.TRUE.equals(flag)
        || "true".equals(flag);
  }

  /**
   * Whether the client says that it understands claims challenges ({@code xms_cc} holds {@code
   * cp1}).
   *
   * @return true if a challenge brings it back with a better token
   */
  public boolean acceptsClaimsChallenge() {
    return claims.raw("xms_cc") instanceof List<?> capabilities
        && capabilities.stream()
            .anyMatch(it -> it instanceof String s && s.equalsIgnoreCase("cp1"));
  }

  /**
   * All claims as they were signed, also those that have no method here. Personal data: keep it out
   * of logs.
   *
   * @return a JSON object without duplicate members
   */
  public String claimsJson() {
    return claims.json();
  }

  /**
   * Whether an application acts for itself, without a user.
   *
   * @return true if {@link #kind()} is {@link CallerKind#APP_ONLY}
   */
  public boolean isAppOnly() {
    return kind == CallerKind.APP_ONLY;
  }

  /**
   * Whether the user allowed the client this scope. Letter case counts.
   *
   * @param scope the name alone, such as {@code analysis}, without the App ID URI
   * @return false for every scope if the token is app-only
   */
  public boolean hasScope(String scope) {
    return scopes.contains(Objects.requireNonNull(scope, "scope"));
  }

  /**
   * Whether the caller has this app role and is of this kind. Letter case counts.
   *
   * @param kind whose role it must be: {@code APP_ONLY} for a role that the application itself was
   *     assigned, {@code DELEGATED} for one of the user
   * @param role the value of the role, such as {@code Photos.Read.All}
   * @return false for every role if the token is of another kind
   */
  public boolean hasRole(CallerKind kind, String role) {
    Objects.requireNonNull(kind, "kind");
    return this.kind == kind && roles.contains(Objects.requireNonNull(role, "role"));
  }

  /**
   * Refuses a caller without this scope. Letter case counts.
   *
   * @param scope the name alone, such as {@code analysis}, without the App ID URI
   * @throws AccessDeniedException if the token lacks it, or is app-only
   */
  public void requireScope(String scope) {
    requireAnyScope(scope);
  }

  /**
   * Refuses a caller who has none of these scopes.
   *
   * @param scopes at least one, each the name alone
   * @throws AccessDeniedException if the token holds none of them, or is app-only
   */
  public void requireAnyScope(String... scopes) {
    String sufficient = named(scopes);
    for (String scope : scopes) {
      if (hasScope(scope)) {
        return;
      }
    }
    throw AccessDeniedException.scopeMissing(
        sufficient,
        isAppOnly()
            ? "scope \"" + sufficient + "\" is needed, and an app-only token cannot have one"
            : "scope \"" + sufficient + "\" is needed, and the token does not hold it");
  }

  /**
   * Refuses a caller without this app role, or of another kind.
   *
   * @param kind whose role it must be, see {@link #hasRole}
   * @param role the value of the role
   * @throws AccessDeniedException if the token lacks it, or is of another kind
   */
  public void requireRole(CallerKind kind, String role) {
    if (!hasRole(kind, role)) {
      throw AccessDeniedException.roleMissing(
          "app role \"" + role + "\" is needed on a token of kind " + kind + ", this is " + this);
    }
  }

  /**
   * Refuses a caller who has neither the scope as a user's client nor the role as an application:
   * the usual check of an API that serves both.
   *
   * @param scope what a delegated token must hold
   * @param role what an app-only token must hold
   * @throws AccessDeniedException if the token holds neither in its kind
   */
  public void requireScopeOrRole(String scope, String role) {
    if (isAppOnly()) {
      requireRole(CallerKind.APP_ONLY, role);
    } else {
      requireScope(scope);
    }
  }

  /**
   * Refuses a caller whose sign-in did not satisfy an authentication context ({@code acrs}), such
   * as one that Conditional Access ties to a second factor.
   *
   * @param context its id, {@code c1} to {@code c99}
   * @throws ClaimsRequiredException if the token does not hold it; with a challenge for clients
   *     that understand one
   */
  public void requireAuthenticationContext(String context) {
    if (!context.matches("c[1-9][0-9]?")) {
      throw new IllegalArgumentException("context: expected c1 to c99");
    }
    if (!(claims.raw("acrs") instanceof List<?> held) || !held.contains(context)) {
      throw claimsRequired(
          "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"" + context + "\"}}}");
    }
  }

  /**
   * The refusal of a token that lacks claims by a rule of the service's own, to be thrown.
   *
   * @param claimsJson a claims request (OpenID Connect Core, section 5.5) that the client passes on
   *     when it asks for the next token
   * @return 401 with a challenge if the client understands one, else 403
   */
  public ClaimsRequiredException claimsRequired(String claimsJson) {
    Objects.requireNonNull(claimsJson, "claimsJson");
    return acceptsClaimsChallenge()
        ? ClaimsRequiredException.challenging(authorizationUri, claimsJson)
        : ClaimsRequiredException.denying();
  }

  TokenVersion version() {
    return version;
  }

  String issuer() {
    return issuer;
  }

  /** The tenant as the token spells it. */
  String tid() {
    return tid;
  }

  String audience() {
    return audience;
  }

  /** {@code exp}, in seconds since 1970. */
  long expiry() {
    return expiry;
  }

  /** {@code nbf}, in seconds since 1970; 0 if the token has none. */
  long notBefore() {
    return notBefore;
  }

  private static String named(String... scopes) {
    if (scopes.length == 0) {
      throw new IllegalArgumentException("scopes: none, expected at least one");
    }
    for (String scope : scopes) {
      if (!SCOPE.matcher(Objects.requireNonNull(scope, "scope")).matches()) {
        throw new IllegalArgumentException("scope: \"" + scope + "\" is not a scope-token");
      }
    }
    return String.join(" ", scopes);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case DELEGATED -> "AccessToken[delegated]";
      case APP_ONLY -> "AccessToken[app-only]";
      case UNKNOWN -> "AccessToken[of unknown kind]";
    };
  }
}
