// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HealthTest {
  @Test
  void thePartsDecideAndAreNamed() {
    Health health = Health.of("svc", List.of(Health.up("a", "ok"), Health.down("b", "away")));
    assertThat(health.isUp()).isFalse();
    assertThat(health.detail()).isEqualTo("down: b");
    assertThat(Health.of("svc", List.of()).isUp()).isTrue();
  }

  @Test
  void theJsonEscapesWhatJsonHasToEscape() {
    assertThat(Health.down("a\"b\\", "line\nbreak \uD83D\uDE00 é").toJson())
        .isEqualTo(
            "{\"name\":\"a\\\"b\\\\\",\"status\":\"DOWN\",\"detail\":\"line\\u000abreak"
                + " \\ud83d\\ude00 é\",\"checks\":[]}");
  }

  @Test
  void theEndpointsAnswer200And503() throws Exception {
    AtomicBoolean open = new AtomicBoolean();
    HealthSource ready =
        () -> open.get() ? Health.up("rabbitmq", "open") : Health.down("rabbitmq", "away");
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (HealthServer server = HealthServer.start(anyPort, () -> Health.up("svc", "ok"), ready)) {
      assertThat(get(server, "GET", "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(server, "GET", "/health/ready").statusCode()).isEqualTo(503);
      open.set(true);
      HttpResponse<String> answer = get(server, "GET", "/health/ready");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(ready.health().toJson());
      assertThat(get(server, "POST", "/health/ready").statusCode()).isEqualTo(405);
      assertThat(get(server, "GET", "/health").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aCheckThatThrowsIsDownNotAnError() throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (HealthServer server =
        HealthServer.start(
            anyPort,
            () -> Health.up("svc", "ok"),
            () -> {
              throw new IllegalStateException("secret detail");
            })) {
      HttpResponse<String> answer = get(server, "GET", "/health/ready");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("IllegalStateException").doesNotContain("secret detail");
    }
  }

  @Test
  void requestsThatNeverEndAreCutAndKeepNoProbeOut() throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Health up = Health.up("svc", "ok");
    List<Socket> halfSent = new ArrayList<>();
    try (HealthServer server = HealthServer.start(anyPort, () -> up, () -> up)) {
      for (int i = 0; i < 8; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream().write("GET /hea".getBytes(StandardCharsets.US_ASCII));
        halfSent.add(socket);
      }
      assertThat(get(server, "GET", "/health/live").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : halfSent) {
        socket.close();
      }
    }
  }

  private static HttpResponse<String> get(HealthServer server, String method, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
