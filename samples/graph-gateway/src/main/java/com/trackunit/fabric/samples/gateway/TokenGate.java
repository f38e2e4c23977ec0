// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

/** Turns a bearer token into a caller. Implementations are thread-safe and may block. */
@FunctionalInterface
interface TokenGate {
  /**
   * Decides about a token.
   *
   * @param bearerToken the token itself, as it came
   * @return the caller that it proves
   * @throws Refusal 401 for a token that is worth nothing, 503 where that cannot be decided now
   */
  Caller check(String bearerToken);
}
