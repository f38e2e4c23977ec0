// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.TraceParent;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service's answers become. */
final class IngestionClientTest {
  private static final CorrelationId ID = new CorrelationId("journey-1");
  private static final String STARTED =
      """
      {"uploadId":"u-1","key":"images/2026/01/31/1.png","new":{},
       "putUrl":"https://store.example/1.png?X-Amz-Signature=leak",
       "expiresAt":"2026-01-31T13:05:00.1234567+01:00"}""";

  private final FunnelServer funnel;
  private final IngestionClient client;

  IngestionClientTest() throws IOException {
    funnel = FunnelServer.start();
    client = funnel.client();
  }

  @AfterEach
  void close() {
    client.close();
    funnel.close();
  }

  @Test
  void startIsSentAsTheContractSaysAndReadBack() throws InterruptedException {
    TraceParent trace = TraceParent.random();
    funnel.answer(200, "application/json", STARTED);

    Upload upload =
        client.startUpload("dig \"ger\".png", "image/png", CallOptions.of(ID).trace(trace));

    assertThat(upload.uploadId()).isEqualTo("u-1");
    assertThat(upload.key()).isEqualTo("images/2026/01/31/1.png");
    assertThat(upload.putUrl()).hasToString("https://store.example/1.png?X-Amz-Signature=leak");
    assertThat(upload.expiresAt()).isEqualTo(Instant.parse("2026-01-31T12:05:00.1234567Z"));
    RecordedRequest request = funnel.request();
    assertThat(request.getRequestLine()).startsWith("POST /v1/uploads/start HTTP/");
    assertThat(request.getHeaders().get("X-Internal-Access")).isEqualTo("top-secret-key");
    assertThat(request.getHeaders().get("x-correlation-id")).isEqualTo("journey-1");
    assertThat(request.getHeaders().get("traceparent")).isEqualTo(trace.value());
    assertThat(body(request))
        .isEqualTo("{\"filename\":\"dig \\\"ger\\\".png\",\"contentType\":\"image/png\"}");
  }

  @Test
  void confirmIsSentAsTheContractSaysAndReadBack() throws InterruptedException {
    funnel.answer(202, "application/json", "{\"status\":\"accepted\"}");

    assertThat(client.confirmUpload("u-1", 5_000_000_000L, "sha256:ab", ID)).isEqualTo("accepted");

    RecordedRequest request = funnel.request();
    assertThat(request.getRequestLine()).startsWith("POST /v1/uploads/confirm HTTP/");
    assertThat(request.getHeaders().get("traceparent")).isNull();
    assertThat(body(request))
        .isEqualTo("{\"uploadId\":\"u-1\",\"bytes\":5000000000,\"checksum\":\"sha256:ab\"}");
  }

  @Test
  void aPathInTheAddressIsAPrefix() throws InterruptedException {
    funnel.answer(202, "application/json", "{\"status\":\"accepted\"}");
    try (IngestionClient mounted =
        IngestionClient.builder(URI.create(funnel.uri() + "/ingest/"))
            .allowHost("LocalHost")
            .httpClient(funnel.http())
            .build()) {
      mounted.confirmUpload("u-1", 1, "sha256:ab", ID);
    }

    RecordedRequest request = funnel.request();
    assertThat(request.getRequestLine()).startsWith("POST /ingest/v1/uploads/confirm HTTP/");
    assertThat(request.getHeaders().get("X-Internal-Access")).isNull();
  }

  @Test
  void asynchronousCallsCompleteAsTheBlockingOnesEnd() throws Exception {
    funnel.answer(200, "application/json", STARTED);
    funnel.answer(404, "application/problem+json", "{\"status\":404}");

    CompletableFuture<Upload> started =
        client
            .startUploadAsync("digger.png", "image/png", CallOptions.of(ID))
            .toCompletableFuture();
    assertThat(started.get(30, TimeUnit.SECONDS).uploadId()).isEqualTo("u-1");

    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    CompletableFuture<String> confirmed =
        client
            .confirmUploadAsync("u-1", 1, "sha256:ab", CallOptions.of(ID))
            .whenComplete((status, thrown) -> failure.complete(thrown))
            .toCompletableFuture();
    assertThatThrownBy(() -> confirmed.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UnknownUploadException.class);
    assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(UnknownUploadException.class);
  }

  @Test
  void refusedInputNamesEachField() {
    funnel.answer(
        422,
        "application/json",
        "{\"errors\":{\"filename\":[\"too long\",\"has a path\"],\"contentType\":[]}}");

    assertThatThrownBy(() -> client.startUpload("a/b", "image/gif", ID))
        .isInstanceOfSatisfying(
            UploadRejectedException.class,
            e -> {
              assertThat(e.errors())
                  .isEqualTo(
                      Map.of(
                          "filename", List.of("too long", "has a path"), "contentType", List.of()));
              assertThat(e.isRetryable()).isFalse();
            });
    assertThat(client.health().isUp()).as("a refusal is an answer").isTrue();
  }

  @Test
  void theServicesOwn404IsAnUnknownUpload() {
    funnel.answer(404, "application/problem+json; charset=utf-8", "{\"status\":404}");

    assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", ID))
        .isInstanceOfSatisfying(
            UnknownUploadException.class, e -> assertThat(e.uploadId()).isEqualTo("u-1"));
    assertThat(client.health().isUp()).isTrue();
  }

  @Test
  void theFunnels404IsNotAnUnknownUpload() {
    funnel.answer(404, "text/plain; charset=utf-8", "404 page not found");

    assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", ID))
        .isInstanceOf(IngestionProtocolException.class)
        .hasMessageContaining("nothing is mounted there");
    assertThat(client.health().isUp()).isFalse();
  }

  @Test
  void startKnowsNoUnknownUpload() {
    funnel.answer(404, "application/problem+json", "{\"status\":404}");

    assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", ID))
        .isInstanceOf(IngestionProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void statusesThatPassAreUnavailable(int status) {
    funnel.answer(status, "text/html", "<html>Bad Gateway</html>");

    assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", ID))
        .isInstanceOfSatisfying(
            IngestionUnavailableException.class, e -> assertThat(e.isRetryable()).isTrue())
        .hasMessageContaining("status " + status)
        .hasMessageContaining("journey-1")
        .hasMessageNotContaining("html");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void refusedKeyIsUnauthorised(int status) {
    funnel.answer(status, "application/problem+json", "{}");

    assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", ID))
        .isInstanceOf(IngestionUnauthorizedException.class)
        .hasMessageNotContaining("top-secret-key");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 400, 409})
  void anyOtherStatusIsNotTheContract(int status) {
    funnel.answer(new MockResponse.Builder().code(status));

    assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", ID))
        .isInstanceOfSatisfying(
            IngestionProtocolException.class, e -> assertThat(e.isRetryable()).isFalse())
        .hasMessageContaining("status " + status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "null",
        "{\"uploadId\":\"u-1\"",
        "{} {}",
        "{\"uploadId\":1,\"key\":\"k\",\"putUrl\":\"https://s/leak\",\"expiresAt\":\"2026-01-31T12:00:00Z\"}",
        "{\"uploadId\":\"u\",\"uploadId\":\"v\",\"key\":\"k\",\"putUrl\":\"https://s/leak\",\"expiresAt\":\"2026-01-31T12:00:00Z\"}",
        "{\"uploadId\":\"u\",\"key\":\"\",\"putUrl\":\"https://s/leak\",\"expiresAt\":\"2026-01-31T12:00:00Z\"}",
        "{\"uploadId\":\"u\",\"key\":\"k\",\"putUrl\":\"http://s/leak\",\"expiresAt\":\"2026-01-31T12:00:00Z\"}",
        "{\"uploadId\":\"u\",\"key\":\"k\",\"putUrl\":\"https://s/le ak\",\"expiresAt\":\"2026-01-31T12:00:00Z\"}",
        "{\"uploadId\":\"u\",\"key\":\"k\",\"putUrl\":\"https://s/leak\",\"expiresAt\":\"2026-01-31T12:00:00\"}",
        "{\"uploadId\":\"u\",\"key\":\"k\",\"putUrl\":\"https://s/leak\"}"
      })
  void malformedAnswersAreNotTheContractAndNotQuoted(String body) {
    funnel.answer(200, "application/json", body);

    assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", ID))
        .isInstanceOf(IngestionProtocolException.class)
        .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("leak", "le ak", "top-secret"));
  }

  @Test
  void malformedRefusalIsNotTheContract() {
    funnel.answer(422, "application/json", "{\"errors\":{\"filename\":[1]}}");

    assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", ID))
        .isInstanceOf(IngestionProtocolException.class);
  }

  @Test
  void probeAsksWithoutTheKeyAndHealthRemembers() throws InterruptedException {
    assertThat(client.health().isUp()).as("nobody asked yet").isFalse();
    funnel.answer(200, "text/plain", "Healthy");
    assertThat(client.probe().isUp()).isTrue();
    RecordedRequest request = funnel.request();
    assertThat(request.getRequestLine()).startsWith("GET /health HTTP/");
    assertThat(request.getHeaders().get("X-Internal-Access")).isNull();

    funnel.answer(503, "text/html", "");
    assertThat(client.probe().isUp()).isFalse();
    assertThat(client.health().isUp()).isFalse();
    assertThat(funnel.requests()).as("health() asks nobody").isEqualTo(2);
  }

  @Test
  void probeWithoutBlockingTellsTheSame() throws Exception {
    funnel.answer(200, "text/plain", "up");
    assertThat(client.probeAsync().toCompletableFuture().get(30, TimeUnit.SECONDS).isUp()).isTrue();
    assertThat(funnel.request().getHeaders().get("X-Internal-Access")).isNull();
    assertThat(client.health().isUp()).isTrue();

    funnel.answer(503, "text/html", "<html>away</html>");
    assertThat(client.probeAsync().toCompletableFuture().get(30, TimeUnit.SECONDS).isUp())
        .isFalse();
    assertThat(client.health().isUp()).isFalse();
  }

  @Test
  void closedClientRefusesCalls() {
    client.close();
    client.close();

    assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", ID))
        .isInstanceOf(IllegalStateException.class);
    assertThat(funnel.http().dispatcher().executorService().isShutdown())
        .as("what was given stays open")
        .isFalse();
  }

  @Test
  void secretsAreNotShown() {
    funnel.answer(200, "application/json", STARTED);

    assertThat(client.startUpload("digger.png", "image/png", ID).toString())
        .contains("u-1", "https://store.example/1.png")
        .doesNotContain("leak", "X-Amz");
    assertThat(client.toString()).doesNotContain("top-secret-key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://node.tailnet.ts.net",
        "ftp://node.tailnet.ts.net",
        "https://user@node.tailnet.ts.net",
        "https://node.tailnet.ts.net?leak=1",
        "https://node.tailnet.ts.net#x",
        "node.tailnet.ts.net"
      })
  void anyOtherAddressIsRefused(String address) {
    assertThatThrownBy(() -> IngestionClient.builder(URI.create(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("baseUri")
        .hasMessageNotContaining("leak");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "line\nleak", "schl\u00fcssel"})
  void keyThatNoHeaderCarriesIsRefusedWithoutShowingIt(String key) {
    IngestionClientBuilder builder = IngestionClient.builder(funnel.uri());

    assertThatThrownBy(() -> builder.internalAccessKey(Secret.of(key)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("internalAccessKey")
        .hasMessageNotContaining("leak");
  }

  @Test
  void optionsOutOfBoundsAreRefused() {
    IngestionClientBuilder builder = IngestionClient.builder(funnel.uri());

    assertThatThrownBy(() -> builder.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
    assertThatThrownBy(() -> builder.timeout(Duration.ofHours(1)))
        .isInstanceOf(IllegalArgumentException.class);
    OkHttpClient credulous =
        new OkHttpClient.Builder().hostnameVerifier((host, session) -> true).build();
    assertThatThrownBy(() -> builder.httpClient(credulous))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hostnameVerifier");
  }

  private static String body(RecordedRequest request) {
    return request.getBody() == null ? "" : request.getBody().utf8();
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
