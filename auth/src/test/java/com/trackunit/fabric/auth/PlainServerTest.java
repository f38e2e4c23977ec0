// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The plain server of the guide, running, and every attack sent to it over HTTP. */
@Timeout(120)
class PlainServerTest {
  /** The JDK's server takes up to this many bytes of headers before it hangs up. */
  private static final int SERVER_LIMIT = 300_000;

  private final EntraFixture fixture = new EntraFixture();
  private final EntraTokenValidator validator = fixture.validator().build();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server = server(validator);

  static HttpServer server(EntraTokenValidator validator) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/photos", exchange -> handle(exchange, validator));
      server.createContext("/ready", exchange -> ready(exchange, validator));
      return server;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static void handle(HttpExchange exchange, EntraTokenValidator validator) throws IOException {
    try {
      String header = exchange.getRequestHeaders().getFirst("Authorization");
      boolean isBearer = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7);
      AccessToken caller = validator.validate(isBearer ? header.substring(7) : null);
      caller.requireScopeOrRole("analysis", "Photos.Read.All");
      exchange.sendResponseHeaders(204, -1);
    } catch (AuthException e) {
      e.wwwAuthenticate()
          .ifPresent(it -> exchange.getResponseHeaders().set("WWW-Authenticate", it));
      exchange.sendResponseHeaders(e.httpStatus(), -1);
    } finally {
      exchange.close();
    }
  }

  private static void ready(HttpExchange exchange, EntraTokenValidator validator)
      throws IOException {
    exchange.sendResponseHeaders(validator.health().isUp() ? 200 : 503, -1);
    exchange.close();
  }

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    validator.close();
    fixture.close();
  }

  @Test
  void goodTokensPassAndTheRightOneOfThreeRefusalsIsSent() throws Exception {
    assertThat(send(fixture.token().mint()).statusCode()).isEqualTo(204);
    assertThat(send(fixture.token().appOnly().roles("Photos.Read.All").mint()).statusCode())
        .isEqualTo(204);
    HttpResponse<Void> denied = send(fixture.token().scopes("photos.read").mint());
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(denied.headers().firstValue("WWW-Authenticate").orElse(""))
        .contains("insufficient_scope");
  }

  @Test
  void everyAttackIsAnswered401WithAChallenge() throws Exception {
    assertThat(send(fixture.token().mint()).statusCode()).isEqualTo(204);
    for (Attack attack : Attack.values()) {
      for (TokenVersion version : TokenVersion.values()) {
        String token = fixture.token().version(version).attack(attack).mint().strip();
        if (token.length() > SERVER_LIMIT || attack == Attack.LINE_FEED_AT_END) {
          continue; // no HTTP client or server lets these through; AttackedServerTest sends such
          // bytes
        }
        HttpResponse<Void> answer = send(token);
        assertThat(answer.statusCode()).as("%s %s", attack, version).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
            .as("%s %s", attack, version)
            .startsWith("Bearer error=\"invalid_token\"");
      }
    }
  }

  @Test
  void withTheProviderAwayTheAnswerIs503WithoutAChallenge() throws Exception {
    fixture.entra.outage(true);
    try (EntraTokenValidator blind = fixture.validator().build()) {
      server.stop(0);
      server = server(blind);
      server.start();
      HttpResponse<Void> answer = send(fixture.token().mint());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
    }
  }

  private HttpResponse<Void> send(String token) throws Exception {
    URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/photos");
    return client.send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build(),
        HttpResponse.BodyHandlers.discarding());
  }
}
