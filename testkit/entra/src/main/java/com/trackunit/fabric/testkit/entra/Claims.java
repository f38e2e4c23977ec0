// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.testkit.entra.TokenBuilder.Kind;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The claims that Entra puts into each kind of token, in its order. */
final class Claims {
  /** Entra dates its tokens back, so that clocks may differ a little. */
  private static final Duration ANTEDATED = Duration.ofMinutes(5);

  static final String GRAPH_AUDIENCE = "00000003-0000-0000-c000-000000000000";

  private static final SecureRandom RANDOM = new SecureRandom();

  private final TokenBuilder token;
  private final Map<String, @Nullable Object> claims = new LinkedHashMap<>();

  private Claims(TokenBuilder token) {
    this.token = token;
  }

  static Map<String, @Nullable Object> of(TokenBuilder token) {
    Claims made = new Claims(token);
    made.frame();
    if (token.version == TokenVersion.V1) {
      made.version1();
    } else {
      made.version2();
    }
    return made.claims;
  }

  private void frame() {
    claims.put("aud", audience());
    claims.put("iss", token.issuerOf(token.tenant));
    Instant start = token.issuedAt.minus(ANTEDATED);
    Instant end = token.issuedAt.plus(token.lifetime);
    // An expired token, too, was valid once.
    if (!end.isAfter(start)) {
      start = end.minus(Duration.ofHours(1));
    }
    claims.put("iat", start.getEpochSecond());
    claims.put("nbf", start.getEpochSecond());
    claims.put("exp", end.getEpochSecond());
  }

  private void version2() {
    boolean access = token.kind != Kind.ID_TOKEN;
    claims.put("aio", random(60));
    if (access) {
      claims.put("azp", token.client);
      claims.put("azpacr", user() ? token.clientAuthentication : "1");
    }
    if (user()) {
      claims.put("name", token.user.name());
    }
    authority();
    if (user()) {
      claims.put("preferred_username", token.user.username());
    }
    subject();
    claims.put("tid", token.tenant);
    claims.put("uti", random(16));
    claims.put("ver", "2.0");
    if (access) {
      claims.put("xms_ftd", random(40));
    }
  }

  private void version1() {
    boolean access = token.kind != Kind.ID_TOKEN;
    if (user()) {
      claims.put("acr", "1");
      claims.put("amr", List.of("pwd"));
    }
    claims.put("aio", random(60));
    if (access) {
      claims.put("appid", token.client);
      claims.put("appidacr", user() ? token.clientAuthentication : "1");
    }
    if (user()) {
      claims.put("ipaddr", "127.0.0.1");
      claims.put("name", token.user.name());
    } else {
      claims.put("idp", token.issuerOf(token.tenant));
    }
    authority();
    subject();
    claims.put("tid", token.tenant);
    if (user()) {
      claims.put("unique_name", token.user.username());
      claims.put("upn", token.user.username());
    }
    claims.put("uti", random(16));
    claims.put("ver", "1.0");
  }

  /** Who may do what: object id, roles, scopes. */
  private void authority() {
    if (!user() && token.api.idtypClaim()) {
      claims.put("idtyp", "app");
    }
    claims.put("oid", objectId());
    claims.put("rh", "0." + random(48) + ".");
    if (!token.roles.isEmpty()) {
      claims.put("roles", token.roles);
    }
    List<String> scopes =
        token.kind == Kind.GRAPH ? List.of("openid", "profile", "User.Read") : token.scopes;
    if (user() && token.kind != Kind.ID_TOKEN && !scopes.isEmpty()) {
      claims.put("scp", String.join(" ", scopes));
    }
  }

  private void subject() {
    if (user()) {
      // Pairwise: one user has another subject at each app.
      String pair = token.user.objectId() + "/" + claims.get("aud");
      claims.put(
          "sub", Jws.base64Url(Jws.digest("SHA-256", pair.getBytes(StandardCharsets.UTF_8))));
    } else {
      claims.put("sub", objectId());
    }
  }

  private String audience() {
    return switch (token.kind) {
      case GRAPH -> GRAPH_AUDIENCE;
      case ID_TOKEN -> token.client.toString();
      case DELEGATED, APP_ONLY ->
          token.version == TokenVersion.V1 ? token.api.appIdUri() : token.api.clientId().toString();
    };
  }

  private UUID objectId() {
    return user() ? token.user.objectId() : Tenant.servicePrincipal(token.tenant, token.client);
  }

  private boolean user() {
    return token.kind != Kind.APP_ONLY;
  }

  /** Random text of the base64url alphabet. */
  static String random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return Jws.base64Url(random);
  }
}
