// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

/**
 * The two forms of an access token. The API that a token is for decides ({@code
 * accessTokenAcceptedVersion} of its registration), not the endpoint that is asked.
 */
public enum TokenVersion {
  /** {@code ver} 1.0: issuer on the STS host with a trailing slash, actor in {@code appid}. */
  V1("1.0"),
  /** {@code ver} 2.0: issuer on the authority's host, actor in {@code azp}. */
  V2("2.0");

  private final String claim;

  TokenVersion(String claim) {
    this.claim = claim;
  }

  /**
   * As the claim {@code ver} spells it.
   *
   * @return {@code 1.0} or {@code 2.0}
   */
  public String claim() {
    return claim;
  }
}
