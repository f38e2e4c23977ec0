// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
class ReadmeTest {
  @Test
  void theyServeADocumentAndMintBothTokens() throws Exception {
    try (EntraStandIn entra = EntraStandIn.start()) {
      App api = entra.tenant().register(App.builder("graph-gateway").scopes("analysis").build());
      String good = entra.tokens(api).mint(); // a delegated v2 token with every scope of the API
      String bad = entra.tokens(api).attack(Attack.HMAC_WITH_PUBLIC_KEY).mint();
      use(entra.authority(), entra.sslContext(), good, bad);
    }
  }

  private static void use(URI authority, SSLContext tls, String good, String bad) throws Exception {
    URI document = authority.resolve("/common/v2.0/.well-known/openid-configuration");
    HttpClient client = HttpClient.newBuilder().sslContext(tls).build();

    assertThat(client.send(HttpRequest.newBuilder(document).build(), BodyHandlers.ofString()))
        .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(200));
    assertThat(JWTParser.parse(good).getHeader().getAlgorithm()).hasToString("RS256");
    assertThat(JWTParser.parse(bad).getHeader().getAlgorithm()).hasToString("HS256");
  }
}
