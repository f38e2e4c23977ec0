// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The token endpoint: client credentials (RFC 6749, section 4.4), device code (RFC 8628) and
 * refresh (RFC 6749, section 6), refusing what Entra refuses. Thread-safe.
 */
final class TokenEndpoint {
  /** One answer to be given: who asks, for whom, for what. */
  private record Grant(Tenant tenant, App client, User user, Wish wish) {}

  private static final long LIFETIME_SECONDS = 3599;

  private final TokenBuilder.Issuance issuance;
  private final Directory directory;
  private final Clients clients;
  private final DeviceCodes devices;
  private final Map<String, Grant> refreshTokens = new ConcurrentHashMap<>();

  TokenEndpoint(TokenBuilder.Issuance issuance, Directory directory, DeviceCodes devices) {
    this.issuance = issuance;
    this.directory = directory;
    this.clients = new Clients(directory);
    this.devices = devices;
  }

  Answer answer(Request request) {
    Form form = Form.of(request);
    String grantType = form.required("grant_type");
    Map<String, @Nullable Object> body =
        switch (grantType) {
          case "client_credentials" -> clientCredentials(request, form);
          // Entra takes the short name, too; MSAL sends it.
          case "device_code", "urn:ietf:params:oauth:grant-type:device_code" ->
              deviceCode(request, form);
          case "refresh_token" -> refresh(request, form);
          default ->
              throw EntraError.badRequest(
                  "unsupported_grant_type",
                  70003,
                  "The app requested an unsupported grant type '" + grantType + "'.");
        };
    return Answer.json(200, body)
        .withHeader("Cache-Control", "no-store, no-cache")
        .withHeader("Pragma", "no-cache");
  }

  private Map<String, @Nullable Object> clientCredentials(Request request, Form form) {
    if (directory.shared(request.tenant())) {
      throw EntraError.badRequest(
          "invalid_request",
          50059,
          "No tenant-identifying information found in either the request or implied by any"
              + " provided credentials.");
    }
    Tenant tenant = directory.required(request.tenant());
    App client = clients.confidential(request, form);
    Wish wish = Wish.of(form.required("scope"));
    String resource = wish.resource();
    // MSAL adds OpenID Connect's scopes even here; Entra takes no notice of them.
    if (resource == null || !wish.everything()) {
      throw EntraError.badRequest(
          "invalid_scope",
          1002012,
          "The provided value for scope is not valid. Client credential flows must have a scope"
              + " value with /.default suffixed to the resource identifier (application ID URI).");
    }
    App api = api(tenant, resource);
    TokenBuilder token =
        new TokenBuilder(issuance, tenant.id(), api)
            .client(client)
            .appOnly()
            .roles(tenant.roles(client, api).toArray(String[]::new));
    return body(audience(token, api, resource).mint());
  }

  private Map<String, @Nullable Object> deviceCode(Request request, Form form) {
    App client = clients.any(request, form);
    String code = form.optional("device_code");
    // MSAL's older name for the same thing.
    DeviceCodes.Approved approved =
        devices.poll(client, code == null ? form.required("code") : code);
    Tenant tenant = directory.required(approved.user().tenant().toString());
    return delegated(new Grant(tenant, client, approved.user(), approved.wish()), form);
  }

  private Map<String, @Nullable Object> refresh(Request request, Form form) {
    App client = clients.any(request, form);
    Grant former = refreshTokens.get(form.required("refresh_token"));
    if (former == null || !former.client().sameAs(client) || !servedBy(request, former)) {
      throw EntraError.badRequest(
          "invalid_grant",
          70000,
          "The provided value for the input parameter 'refresh_token' is not valid.");
    }
    String scope = form.optional("scope");
    // A refresh token is not bound to the API it came with.
    Wish wish = scope == null ? former.wish() : Wish.of(scope);
    return delegated(new Grant(former.tenant(), client, former.user(), wish), form);
  }

  private boolean servedBy(Request request, Grant former) {
    return directory.shared(request.tenant())
        || directory.required(request.tenant()) == former.tenant();
  }

  private Map<String, @Nullable Object> delegated(Grant grant, Form form) {
    String resource = grant.wish().resource();
    Map<String, @Nullable Object> body =
        resource == null ? graph(grant) : delegatedFor(grant, resource);
    if (grant.wish().wants("offline_access")) {
      // As at Entra, the former one stays good.
      String refreshToken = "0." + Claims.random(96);
      refreshTokens.put(refreshToken, grant);
      body.put("refresh_token", refreshToken);
    }
    if (grant.wish().wants("openid")) {
      body.put(
          "id_token", builder(grant, grant.client()).version(TokenVersion.V2).idToken().mint());
    }
    if (Objects.equals(form.optional("client_info"), "1")) {
      Map<String, @Nullable Object> info = new LinkedHashMap<>();
      info.put("uid", grant.user().objectId());
      info.put("utid", grant.tenant().id());
      body.put("client_info", Jws.base64Url(Json.write(info)));
    }
    return body;
  }

  private Map<String, @Nullable Object> delegatedFor(Grant grant, String resource) {
    App api = api(grant.tenant(), resource);
    List<String> granted = grant.wish().everything() ? api.scopes() : grant.wish().permissions();
    for (String scope : granted) {
      if (!api.scopes().contains(scope)) {
        throw EntraError.badRequest(
            "invalid_scope",
            650053,
            "The application '"
                + grant.client().name()
                + "' asked for scope '"
                + scope
                + "' that doesn't exist on the resource '"
                + api.clientId()
                + "'.");
      }
    }
    TokenBuilder token = builder(grant, api).scopes(granted.toArray(String[]::new));
    Map<String, @Nullable Object> body = body(audience(token, api, resource).mint());
    body.put("scope", spelled(granted.stream().map(name -> resource + "/" + name), grant.wish()));
    return body;
  }

  /** Whoever names no API gets a token for Graph. */
  private Map<String, @Nullable Object> graph(Grant grant) {
    Map<String, @Nullable Object> body = body(builder(grant, grant.client()).graphToken().mint());
    body.put("scope", spelled(grant.wish().permissions().stream(), grant.wish()));
    return body;
  }

  private static String spelled(Stream<String> permissions, Wish wish) {
    // offline_access is never among the scopes of an answer.
    Stream<String> extras = wish.extras().stream().filter(it -> !it.equals("offline_access"));
    return String.join(" ", Stream.concat(permissions, extras).toList());
  }

  private TokenBuilder builder(Grant grant, App api) {
    return new TokenBuilder(issuance, grant.tenant().id(), api)
        .client(grant.client())
        .user(grant.user());
  }

  /** A v1 token repeats the resource as the client spelled it. */
  private static TokenBuilder audience(TokenBuilder token, App api, String resource) {
    return api.tokenVersion() == TokenVersion.V1 ? token.audience(resource) : token;
  }

  private static App api(Tenant tenant, String resource) {
    return tenant
        .resource(resource)
        .orElseThrow(
            () ->
                EntraError.badRequest(
                    "invalid_resource",
                    500011,
                    "The resource principal named "
                        + resource
                        + " was not found in the tenant named "
                        + tenant.id()
                        + "."));
  }

  private static Map<String, @Nullable Object> body(String accessToken) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("token_type", "Bearer");
    body.put("expires_in", LIFETIME_SECONDS);
    body.put("ext_expires_in", LIFETIME_SECONDS);
    body.put("access_token", accessToken);
    return body;
  }
}
