// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** tu-ingestion-service's REST contract over TLS, without a store behind it. */
final class IngestionFake implements AutoCloseable {
  static final String KEY = "internal-key";

  final HeldCertificate certificate =
      new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
  final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();

  /** The object key of the next upload; made anew where it is empty. */
  final AtomicReference<String> nextKey = new AtomicReference<>("");

  private final MockWebServer server = new MockWebServer();

  IngestionFake() {
    server.useHttps(
        new HandshakeCertificates.Builder()
            .heldCertificate(certificate)
            .build()
            .sslSocketFactory());
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            requests.add(request);
            return answer(request);
          }
        });
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri() {
    return URI.create("https://localhost:" + server.getPort());
  }

  private MockResponse answer(RecordedRequest request) {
    String body = request.getBody() == null ? "{}" : request.getBody().utf8();
    JsonNode asked = Json.read(body, "the request");
    if (!KEY.equals(request.getHeaders().get("X-Internal-Access"))) {
      return json(401, "{}");
    }
    return switch (request.getTarget()) {
      case "/v1/uploads/start" -> start(asked.path("contentType").asText());
      case "/v1/uploads/confirm" ->
          asked.path("uploadId").asText().equals("unknown")
              ? json(404, "{\"type\":\"about:blank\",\"title\":\"unknown\",\"status\":404}")
              : json(202, "{\"status\":\"accepted\"}");
      default -> json(404, "{}");
    };
  }

  private MockResponse start(String contentType) {
    return switch (contentType) {
      case "text/plain" -> json(422, "{\"errors\":{\"contentType\":[\"not an image\"]}}");
      case "image/broken" -> json(503, "{\"title\":\"down\",\"status\":503}");
      default -> {
        String given = nextKey.getAndSet("");
        String key = given.isEmpty() ? "images/2026/11/23/" + UUID.randomUUID() + ".jpg" : given;
        yield json(
            200,
            Json.write(
                java.util.Map.of(
                    "uploadId",
                    UUID.randomUUID().toString(),
                    "key",
                    key,
                    "putUrl",
                    "https://store.example/" + key + "?X-Amz-Signature=s",
                    "expiresAt",
                    "2026-11-23T12:00:00Z")));
      }
    };
  }

  private static MockResponse json(int status, String body) {
    String type = status == 404 || status >= 500 ? "application/problem+json" : "application/json";
    return new MockResponse.Builder()
        .code(status)
        .setHeader("Content-Type", type)
        .body(body)
        .build();
  }

  @Override
  public void close() {
    server.close();
  }
}
