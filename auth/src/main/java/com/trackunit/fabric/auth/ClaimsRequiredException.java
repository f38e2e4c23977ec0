// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The token is valid, but the call needs one with further claims. A client that said it understands
 * claims challenges gets one (401) and comes back with a new token; for any other it is a denial
 * (403).
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/claims-challenge">Claims
 *     challenges</a>
 */
public final class ClaimsRequiredException extends AuthException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String challenge;

  private ClaimsRequiredException(@Nullable String challenge, String detail) {
    super(
        Reason.CLAIMS_INSUFFICIENT,
        "token does not suffice (" + Reason.CLAIMS_INSUFFICIENT.code() + "): " + detail,
        null);
    this.challenge = challenge;
  }

  /**
   * @param claimsJson the claims request, as the client passes it on to Entra ID
   */
  static ClaimsRequiredException challenging(String authorizationUri, String claimsJson) {
    String claims = Base64.getEncoder().encodeToString(claimsJson.getBytes(StandardCharsets.UTF_8));
    return new ClaimsRequiredException(
        "Bearer realm=\"\", authorization_uri=\""
            + authorizationUri
            + "\", error=\"insufficient_claims\", claims=\""
            + claims
            + "\"",
        "the client is asked for a token with further claims");
  }

  static ClaimsRequiredException denying() {
    return new ClaimsRequiredException(
        null, "further claims are needed, and the client understands no claims challenge");
  }

  /**
   * {@inheritDoc}
   *
   * @return false: the same token never suffices
   */
  @Override
  public boolean isRetryable() {
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * @return 401 with a challenge, 403 without
   */
  @Override
  public int httpStatus() {
    return challenge == null ? 403 : 401;
  }

  /** {@inheritDoc} The challenge holds the claims request in base64. */
  @Override
  public Optional<String> wwwAuthenticate() {
    return Optional.of(
        challenge == null
            ? "Bearer error=\"insufficient_scope\", error_description=\""
                + reason().summary()
                + "\""
            : challenge);
  }
}
