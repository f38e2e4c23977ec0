// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.net.URI;

/**
 * The separate instances of Entra ID. Each has its own host, its own keys and its own form of v1
 * issuer; a token of one is never valid in another.
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud">
 *     National clouds</a>
 */
public enum EntraCloud {
  /** The worldwide cloud, {@code login.microsoftonline.com}. */
  PUBLIC("login.microsoftonline.com", "https://sts.windows.net/"),
  /** The cloud of the US Government, {@code login.microsoftonline.us}. */
  US_GOVERNMENT("login.microsoftonline.us", "https://sts.windows.net/"),
  /** The cloud in China, {@code login.partner.microsoftonline.cn}. */
  CHINA("login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn/");

  private final String host;
  private final String v1Service;

  EntraCloud(String host, String v1Service) {
    this.host = host;
    this.v1Service = v1Service;
  }

  /**
   * Where this cloud signs in.
   *
   * @return {@code https://} and the host alone
   */
  public URI host() {
    return URI.create("https://" + host);
  }

  /** The security token service that v1 issuers name, with a slash at the end. */
  String v1Service() {
    return v1Service;
  }
}
