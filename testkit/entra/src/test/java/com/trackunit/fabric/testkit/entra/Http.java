// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** The tests' plain client of one stand-in. */
final class Http {
  private final EntraStandIn entra;
  private final HttpClient client;

  Http(EntraStandIn entra) {
    this.entra = entra;
    this.client = HttpClient.newBuilder().sslContext(entra.sslContext()).build();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path), BodyHandlers.ofString());
  }

  /** Bounds the whole exchange; the JDK's own timeout ends with the headers. */
  void expectNoAnswerWithin(Duration timeout, String path) {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request(path), BodyHandlers.ofString());
    assertThatThrownBy(() -> answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    answer.cancel(true);
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create(entra.authority() + path))
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  Map<String, Object> json(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    return JSONObjectUtils.parse(answer.body());
  }

  HttpResponse<String> post(String path, Map<String, String> form, String... headers)
      throws IOException, InterruptedException {
    String body =
        form.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&"));
    return postText(path, body, headers);
  }

  HttpResponse<String> postText(String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(entra.authority() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  static Map<String, Object> parsed(HttpResponse<String> answer) throws ParseException {
    return JSONObjectUtils.parse(answer.body());
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
