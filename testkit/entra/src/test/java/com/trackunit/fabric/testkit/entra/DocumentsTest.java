// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DocumentsTest {
  private static EntraStandIn entra;
  private static HttpClient http;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.start();
    http = HttpClient.newBuilder().sslContext(entra.sslContext()).build();
  }

  @AfterAll
  static void stop() {
    entra.close();
  }

  @Test
  void tenantDocumentNamesItsOwnIssuer() throws Exception {
    Map<String, Object> document =
        get("/" + entra.tenant().id() + "/v2.0/.well-known/openid-configuration");
    assertThat(document)
        .containsEntry("issuer", entra.authority() + "/" + entra.tenant().id() + "/v2.0")
        .containsEntry("cloud_instance_name", "microsoftonline.com")
        .containsEntry("cloud_graph_host_name", "graph.windows.net")
        .containsEntry("tenant_region_scope", "EU");
    App api = App.builder("api").scopes("analysis").build();
    SignedJWT token = SignedJWT.parse(entra.tokens(api).mint());
    assertThat(token.verify(new RSASSAVerifier(entra.signingKey().publicKey()))).isTrue();
  }

  private static Map<String, Object> get(String path) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(entra.authority() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return JSONObjectUtils.parse(response.body());
  }
}
