// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Authorization header (RFC 6750, section 2.1). It is the only header that says who
 * someone is: {@code X-Auth-Request-*} and {@code X-Forwarded-User} come from clients too and are
 * never read.
 */
final class BearerTokens {
  private static final String SCHEME = "Bearer ";

  private final TokenGate gate;

  BearerTokens(TokenGate gate) {
    this.gate = gate;
  }

  /**
   * Finds out who sends a request.
   *
   * @param authorization every Authorization header of the request
   * @return the caller, or null where the request carries no token
   * @throws Refusal 401 or 503, as {@link TokenGate#check}
   */
  @Nullable Caller caller(List<String> authorization) {
    if (authorization.isEmpty()) {
      return null;
    }
    if (authorization.size() > 1) {
      throw unusable("more than one Authorization header");
    }
    return caller(authorization.get(0));
  }

  /** As {@link #caller(List)}, for one header value that is there. */
  Caller caller(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw unusable("the Authorization header is not of the form 'Bearer <token>'");
    }
    return gate.check(authorization.substring(SCHEME.length()).strip());
  }

  private static Refusal unusable(String message) {
    return Refusal.challenge(401, "UNAUTHENTICATED", message, "Bearer error=\"invalid_request\"");
  }
}
