// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as the endpoints see it.
 *
 * @param tenant the first segment of the path, as written
 * @param endpoint what the rest of the path means
 * @param appId the client id of an app whose own keys are asked for; null for none
 */
record Request(
    String method,
    String tenant,
    Endpoint endpoint,
    @Nullable String appId,
    Headers headers,
    String body) {
  private static final String APP_ID = "appid=";

  /** Splits a path into the tenant and the endpoint. */
  static Request of(String method, URI uri, Headers headers, String body) {
    List<String> parts = List.of(uri.getPath().substring(1).split("/", 2));
    String rest = parts.size() == 2 ? parts.get(1) : "";
    String query = uri.getQuery();
    String appId =
        query == null || !query.startsWith(APP_ID) ? null : query.substring(APP_ID.length());
    return new Request(method, parts.get(0), endpoint(rest), appId, headers, body);
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
