// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

/** The two forms of access tokens; they name issuer, audience and actor differently. */
enum TokenVersion {
  V1("appid"),
  V2("azp");

  private final String actorClaim;

  TokenVersion(String actorClaim) {
    this.actorClaim = actorClaim;
  }

  static TokenVersion of(Claims claims) {
    return switch (claims.text("ver")) {
      case "1.0" -> V1;
      case "2.0" -> V2;
      default ->
          throw new InvalidTokenException(Reason.VERSION_REFUSED, "ver is neither 1.0 nor 2.0");
    };
  }

  TokenVersion other() {
    return this == V1 ? V2 : V1;
  }

  /** The claim that names the client application. */
  String actorClaim() {
    return actorClaim;
  }
}
