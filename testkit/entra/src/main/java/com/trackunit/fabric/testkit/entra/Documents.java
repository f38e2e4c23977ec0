// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The discovery documents, with the members and the order of Entra's. */
final class Documents {
  private final Issuers issuers;

  Documents(Issuers issuers) {
    this.issuers = issuers;
  }

  /**
   * A discovery document.
   *
   * @param path the tenant as the request names it: a GUID or an alias such as {@code common}
   * @param tenant the GUID, or the template where the document serves many tenants
   * @param appId the app whose own keys are asked for; null for none
   */
  String discovery(TokenVersion version, String path, String tenant, @Nullable String appId) {
    boolean v2 = version == TokenVersion.V2;
    String base = issuers.authority() + "/" + path;
    String oauth = base + (v2 ? "/oauth2/v2.0" : "/oauth2");
    boolean many = tenant.equals(Issuers.TEMPLATE);

    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("token_endpoint", oauth + "/token");
    document.put(
        "token_endpoint_auth_methods_supported",
        List.of("client_secret_post", "client_secret_basic"));
    // The v1 keys have no tenant of their own.
    String keys =
        v2 ? base + "/discovery/v2.0/keys" : issuers.authority() + "/common/discovery/keys";
    document.put("jwks_uri", appId == null ? keys : keys + "?appid=" + appId);
    document.put("response_modes_supported", List.of("query", "fragment", "form_post"));
    document.put("subject_types_supported", List.of("pairwise"));
    document.put("id_token_signing_alg_values_supported", List.of("RS256"));
    document.put(
        "response_types_supported", List.of("code", "id_token", "code id_token", "id_token token"));
    document.put("scopes_supported", List.of("openid", "profile", "email", "offline_access"));
    document.put("issuer", issuers.of(version, tenant));
    document.put("request_uri_parameter_supported", false);
    document.put("authorization_endpoint", oauth + "/authorize");
    document.put("device_authorization_endpoint", oauth + "/devicecode");
    document.put("http_logout_supported", true);
    document.put("end_session_endpoint", oauth + "/logout");
    document.put("claims_supported", CLAIMS);
    document.put("tenant_region_scope", many ? null : issuers.cloud().region());
    document.put("cloud_instance_name", issuers.cloud().instanceName());
    document.put("cloud_graph_host_name", issuers.cloud().graphHost());
    document.put("msgraph_host", issuers.cloud().msGraphHost());
    return Json.write(document);
  }

  private static final List<String> CLAIMS =
      List.of(
          "sub",
          "iss",
          "cloud_instance_name",
          "cloud_graph_host_name",
          "aud",
          "exp",
          "iat",
          "auth_time",
          "acr",
          "nonce",
          "preferred_username",
          "name",
          "tid",
          "ver",
          "at_hash",
          "c_hash",
          "email");
}
