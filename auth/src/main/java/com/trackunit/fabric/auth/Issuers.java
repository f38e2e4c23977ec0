// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.net.URI;
import java.util.Locale;

/**
 * How an authority spells its issuers: v2 on its own host without a slash at the end, v1 on the
 * security token service of its cloud with one.
 */
final class Issuers {
  /** What stands for the tenant in the issuer of a key that serves many. */
  private static final String PLACEHOLDER = "{tenantid}";

  private static final String CHINA = "login.partner.microsoftonline.cn";

  private final String authority;
  private final String v1Service;

  /**
   * @param authorityHost scheme, host and port alone
   */
  Issuers(URI authorityHost) {
    this.authority = authorityHost.toString();
    this.v1Service =
        authorityHost.getHost().toLowerCase(Locale.ROOT).equals(CHINA)
            ? "https://sts.chinacloudapi.cn/"
            : "https://sts.windows.net/";
  }

  String v1(String tenant) {
    return v1Service + tenant + "/";
  }

  String v2(String tenant) {
    return authority + "/" + tenant + "/v2.0";
  }

  /** The issuer of a key, with the tenant filled in where it serves many. */
  static String filled(String keyIssuer, String tenant) {
    return keyIssuer.replace(PLACEHOLDER, tenant);
  }
}
