// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.auth.AccessDeniedException;
import com.trackunit.fabric.auth.AccessToken;
import com.trackunit.fabric.auth.AuthException;
import com.trackunit.fabric.auth.EntraTokenValidator;
import org.jspecify.annotations.Nullable;

/** The gate in front of the real API: the verdicts of {@code fabric-auth} as refusals. */
final class EntraGate implements TokenGate {
  private final EntraTokenValidator validator;
  private final String requiredScope;

  EntraGate(EntraTokenValidator validator, String requiredScope) {
    this.validator = validator;
    this.requiredScope = requiredScope;
  }

  @Override
  public Caller check(String bearerToken) {
    try {
      AccessToken token = validator.validate(bearerToken);
      Owner owner = new Owner(token.tenantId().toString(), token.objectId().toString());
      return new Caller(owner, token.expiresAt(), denial(token));
    } catch (AuthException e) {
      throw refusal(e, e.httpStatus() == 503 ? "UNAVAILABLE" : "UNAUTHENTICATED");
    }
  }

  private @Nullable Refusal denial(AccessToken token) {
    try {
      token.requireScope(requiredScope);
      return null;
    } catch (AccessDeniedException e) {
      return refusal(e, "FORBIDDEN");
    }
  }

  private static Refusal refusal(AuthException e, String code) {
    String message = String.valueOf(e.getMessage());
    return e.wwwAuthenticate()
        .map(challenge -> Refusal.challenge(e.httpStatus(), code, message, challenge))
        .orElseGet(() -> Refusal.of(e.httpStatus(), code, message));
  }
}
