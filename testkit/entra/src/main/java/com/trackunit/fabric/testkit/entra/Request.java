// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.sun.net.httpserver.Headers;
import java.util.List;

/**
 * A request as the endpoints see it.
 *
 * @param tenant the first segment of the path, as written
 * @param endpoint what the rest of the path means
 */
record Request(String method, String tenant, Endpoint endpoint, Headers headers, String body) {

  /** Splits a path into the tenant and the endpoint. */
  static Request of(String method, String path, Headers headers, String body) {
    List<String> parts = List.of(path.substring(1).split("/", 2));
    String rest = parts.size() == 2 ? parts.get(1) : "";
    return new Request(method, parts.get(0), endpoint(rest), headers, body);
  }

  private static Endpoint endpoint(String rest) {
    return switch (rest) {
      case ".well-known/openid-configuration" -> Endpoint.DISCOVERY_V1;
      case "v2.0/.well-known/openid-configuration" -> Endpoint.DISCOVERY_V2;
      case "discovery/keys" -> Endpoint.KEYS_V1;
      case "discovery/v2.0/keys" -> Endpoint.KEYS_V2;
      case "oauth2/v2.0/token" -> Endpoint.TOKEN;
      case "oauth2/v2.0/devicecode" -> Endpoint.DEVICE_CODE;
      case "oauth2/deviceauth" -> Endpoint.DEVICE_APPROVAL;
      default -> Endpoint.OTHER;
    };
  }

  @Override
  public String toString() {
    return "Request[" + method + " " + endpoint + "]";
  }
}
