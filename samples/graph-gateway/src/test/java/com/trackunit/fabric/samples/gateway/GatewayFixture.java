// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.Health;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A gateway with everything real that a client can see, on loopback; behind it a gate that knows
 * five tokens, a recording backend and an event hub that the test feeds.
 */
final class GatewayFixture implements AutoCloseable {
  static final Owner ALICE = new Owner("tenant", "alice");
  static final Owner BOB = new Owner("tenant", "bob");
  static final String PING = "{\"query\":\"{ ping }\"}";
  static final String MUTATION =
      "{\"query\":\"mutation { requestAnalysis(input: {objectKey: \\\"k\\\"}) { correlationId } }\"}";

  final RecordingBackend backend = new RecordingBackend();
  final EventHub hub = new EventHub();
  final HttpClient http = HttpClient.newHttpClient();
  volatile Instant expiry = anHourFromNow();
  private final GatewayServer server;

  GatewayFixture() {
    this(SocketLimits.DEFAULT, false);
  }

  GatewayFixture(SocketLimits limits, boolean introspection) {
    GraphqlEngine engine = new GraphqlEngine(new GraphqlSchema(() -> backend, hub), introspection);
    server =
        GatewayServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> Health.up("live", "ok"),
            new GatewayServer.Parts(
                engine, this::check, () -> Health.down("ready", "test"), limits));
  }

  private Caller check(String token) {
    return switch (token) {
      case "alice" -> new Caller(ALICE, expiry, null);
      case "bob" -> new Caller(BOB, expiry, null);
      case "no-scope" ->
          new Caller(
              ALICE,
              expiry,
              Refusal.challenge(
                  403, "FORBIDDEN", "the scope is missing", "Bearer error=\"insufficient_scope\""));
      case "keys-away" -> throw Refusal.of(503, "UNAVAILABLE", "there are no keys");
      default ->
          throw Refusal.challenge(
              401, "UNAUTHENTICATED", "no good", "Bearer error=\"invalid_token\"");
    };
  }

  /** As it was before its first test. */
  void forget() {
    backend.calls.clear();
    expiry = anHourFromNow();
  }

  private static Instant anHourFromNow() {
    return Instant.now().plus(Duration.ofHours(1));
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  URI socketUri() {
    return URI.create("ws://127.0.0.1:" + server.port() + "/graphql");
  }

  HttpRequest.Builder request(@Nullable String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri("/graphql"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .header("Accept", "application/graphql-response+json");
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  HttpResponse<String> post(@Nullable String token, String body) {
    return send(request(token).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  HttpResponse<String> query(@Nullable String token, String query) {
    return post(token, Json.write(Map.of("query", query)));
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  SocketClient connect(String token) {
    SocketClient client = SocketClient.open(http, socketUri(), token, GraphqlSocket.SUBPROTOCOL);
    return client;
  }

  /** A socket that is past its handshake. */
  SocketClient ready(String token) {
    SocketClient client = connect(token);
    client.send("{\"type\":\"connection_init\"}");
    client.expect("connection_ack");
    return client;
  }

  static JsonNode json(HttpResponse<String> response) {
    return Json.read(response.body(), "the answer");
  }

  @Override
  public void close() {
    server.close();
  }
}
