// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a validated access token says about its caller. The caller's identity is the pair of {@link
 * #tenantId()} and {@link #objectId()}; names and addresses in a token are no identity. Immutable,
 * thread-safe; {@link #toString()} shows no claim.
 *
 * <p>Only {@link EntraTokenValidator} makes one. It was valid at that moment: whoever keeps it
 * longer than a request looks at {@link #expiresAt()}.
 */
public final class AccessToken {
  private final UUID tenantId;
  private final UUID objectId;
  private final UUID actor;
  private final Set<String> scopes;
  private final Set<String> roles;
  private final Instant expiresAt;
  private final Optional<String> tokenId;

  /**
   * @param claims verified ones
   * @param actor who acts, which each token version names differently
   */
  AccessToken(Claims claims, UUID actor) {
    this.tenantId = claims.guid("tid");
    this.objectId = claims.guid("oid");
    this.actor = Objects.requireNonNull(actor, "actor");
    this.scopes = claims.words("scp");
    this.roles = claims.texts("roles");
    this.expiresAt = Instant.ofEpochSecond(claims.seconds("exp"));
    this.tokenId = Optional.ofNullable(claims.optionalText("uti"));
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
   * What the user allowed the client to do ({@code scp}).
   *
   * @return unmodifiable; empty for an app-only token
   */
  public Set<String> scopes() {
    return scopes;
  }

  /**
   * The app roles of the user or of the application ({@code roles}). Roles stand on both kinds of
   * token: look at {@link #isAppOnly()} too.
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
    return expiresAt;
  }

  /**
   * The token's own id ({@code uti}), for logs and revocation.
   *
   * @return empty if the token has none
   */
  public Optional<String> tokenId() {
    return tokenId;
  }

  /**
   * Whether an application acts for itself, without a user.
   *
   * @return false if a user stands behind the call
   */
  public boolean isAppOnly() {
    return scopes.isEmpty();
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
   * Refuses a caller without this scope. Letter case counts.
   *
   * @param scope the name alone, such as {@code analysis}, without the App ID URI
   * @throws AccessDeniedException if the token lacks it, or is app-only
   */
  public void requireScope(String scope) {
    if (!hasScope(scope)) {
      throw new AccessDeniedException(
          scope,
          isAppOnly()
              ? "scope \"" + scope + "\" is needed, and an app-only token cannot have one"
              : "scope \"" + scope + "\" is needed, and the token does not hold it");
    }
  }

  @Override
  public String toString() {
    return isAppOnly() ? "AccessToken[app-only]" : "AccessToken[delegated]";
  }
}
