// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who gets which answer, over HTTP and over WebSocket: each cell of the table, over real sockets.
 */
final class TokenTableTest {
  private static final String QUERY =
      "mutation { requestAnalysis(input: {objectKey: \"k\"}) { correlationId } }";

  // Its end takes a second: the server waits that long for connections that are kept alive.
  private static final GatewayFixture gateway = new GatewayFixture();

  @BeforeEach
  void forget() {
    gateway.forget();
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{ ping }", "{ __typename }", "{ ping __typename }", "mutation { __typename }"})
  void whatIsPublicNeedsNoToken(String query) {
    HttpResponse<String> response = gateway.query(null, query);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(GatewayFixture.json(response).has("errors")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        QUERY,
        "{ ping __schema { types { name } } }",
        "{ __type(name: \"Query\") { name } }",
        "subscription { onAnalysisStarted { objectKey } }",
        "{ ...F } fragment F on Query { ping nosuch }",
        "{ nosuch }",
        "query { ping @skip(if: true) __schema @skip(if: true) { types { name } } }"
      })
  void anythingElseWithoutTokenIs401WithChallenge(String query) {
    HttpResponse<String> response = gateway.query(null, query);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(GatewayFixture.json(response).has("data")).isFalse();
    assertThat(gateway.backend.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{ ping }", QUERY, "not even GraphQL {"})
  void aBadTokenIs401BeforeExecution(String query) {
    HttpResponse<String> response = gateway.query("bad", query);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
        .contains("invalid_token");
    assertThat(gateway.backend.calls).isEmpty();
  }

  @Test
  void aGoodTokenWithoutTheScopeIs403WithoutData() {
    HttpResponse<String> response = gateway.query("no-scope", QUERY);
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
        .contains("insufficient_scope");
    assertThat(GatewayFixture.json(response).has("data")).isFalse();
    assertThat(gateway.backend.calls).isEmpty();
    assertThat(gateway.query("no-scope", "{ ping }").statusCode()).isEqualTo(200);
  }

  @Test
  void keysAwayIs503() {
    assertThat(gateway.query("keys-away", "{ ping }").statusCode()).isEqualTo(503);
    assertThat(gateway.query("keys-away", QUERY).statusCode()).isEqualTo(503);
  }

  @Test
  void aGoodTokenIsServed() {
    assertThat(gateway.query("alice", QUERY).statusCode()).isEqualTo(200);
    assertThat(gateway.backend.calls).containsExactly("request k");
  }

  @Test
  void identityHeadersOfOthersAreIgnored() {
    HttpResponse<String> response =
        gateway.send(
            gateway
                .request(null)
                .header("X-Auth-Request-User", "alice")
                .header("X-Forwarded-User", "alice")
                .header("X-Auth-Request-Access-Token", "alice")
                .POST(HttpRequest.BodyPublishers.ofString(GatewayFixture.MUTATION))
                .build());
    assertThat(response.statusCode()).isEqualTo(401);
  }

  @Test
  void anUpgradeNeedsAGoodToken() {
    assertThat(upgrade(null)).isEqualTo(401);
    assertThat(upgrade("bad")).isEqualTo(401);
    assertThat(upgrade("keys-away")).isEqualTo(503);
    assertThat(upgrade("alice")).isEqualTo(101);
    gateway.expiry = Instant.now().minusSeconds(1);
    assertThat(upgrade("alice")).as("expired, within the clock skew").isEqualTo(401);
  }

  @Test
  void aMissingScopeOverWebSocketIsAnErrorForThatIdAlone() {
    try (SocketClient client = gateway.ready("no-scope")) {
      client.subscribe("1", "subscription { onAnalysisStarted { objectKey } }");
      JsonNode error = client.expect("error");
      assertThat(error.path("id").asText()).isEqualTo("1");
      assertThat(error.at("/payload/0/extensions/code").asText()).isEqualTo("FORBIDDEN");
      client.subscribe("2", "{ ping }");
      assertThat(client.expect("next").at("/payload/data/ping").asText()).isEqualTo("pong");
      client.expect("complete");
    }
  }

  @Test
  void anOpenSocketClosesWith4403WhenItsTokenExpires() {
    gateway.expiry = Instant.now().plusSeconds(2);
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("1", "subscription { onAnalysisStarted { objectKey } }");
      assertThat(client.closeCode()).isEqualTo(4403);
    }
    assertThat(Instant.now()).isAfterOrEqualTo(gateway.expiry);
  }

  private int upgrade(@org.jspecify.annotations.Nullable String token) {
    return SocketClient.refusal(gateway.http, gateway.socketUri(), token);
  }
}
