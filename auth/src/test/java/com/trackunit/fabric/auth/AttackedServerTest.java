// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.trackunit.fabric.testkit.entra.Endpoint;
import com.trackunit.fabric.testkit.entra.Fault;
import com.trackunit.fabric.testkit.entra.SigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The server of the guide while its provider misbehaves or is misused, and what only a bare socket
 * can send. The attacks that are tokens are in {@link PlainServerTest}.
 */
@Timeout(120)
class AttackedServerTest {
  private static final Duration WINDOW = Duration.ofSeconds(30);

  private final EntraFixture fixture = new EntraFixture();
  private final ManualTicker ticker = new ManualTicker();
  private final EntraTokenValidatorBuilder options =
      fixture
          .validator()
          .ticker(ticker)
          .unknownKidWindow(WINDOW)
          .fetchTimeout(Duration.ofSeconds(5));
  private final HttpClient client = HttpClient.newHttpClient();
  private EntraTokenValidator validator = options.build();
  private HttpServer server = serving(validator);

  private static HttpServer serving(EntraTokenValidator validator) {
    HttpServer server = PlainServerTest.server(validator);
    server.setExecutor(Executors.newCachedThreadPool());
    return server;
  }

  @BeforeEach
  void start() throws Exception {
    server.start();
    assertThat(answer(fixture.token().mint())).isEqualTo("204");
  }

  @AfterEach
  void close() {
    stop();
    fixture.close();
  }

  private void stop() {
    server.stop(0);
    if (server.getExecutor() instanceof ExecutorService threads) {
      threads.shutdownNow();
    }
    validator.close();
  }

  private void restart(EntraTokenValidatorBuilder with) {
    stop();
    validator = with.build();
    server = serving(validator);
    server.start();
  }

  @ParameterizedTest
  @MethodSource("com.trackunit.fabric.auth.KeyFetchTest#faults")
  void aProviderThatAnswersWrongHarmsNoKnownKeyAndAnUnknownOneIsStale(
      Endpoint endpoint, Fault fault) throws Exception {
    String known = fixture.token().mint();
    fixture.entra.fail(endpoint, fault);
    fixture.entra.rotateKeys();

    assertThat(answer(fixture.token().mint()))
        .isEqualTo("401 signed with an unknown key while keys cannot be refreshed");
    assertThat(answer(known)).isEqualTo("204");
  }

  @Test
  void theFirstRequestAfterARolloverIsAccepted() throws Exception {
    fixture.entra.resetRequests();
    fixture.entra.rotateKeys();

    assertThat(answer(fixture.token().mint())).isEqualTo("204");
    assertThat(fixture.entra.requests(Endpoint.KEYS_V2)).isEqualTo(1);
  }

  @Test
  void unknownKidsAreAnswered401AndCauseOneFetch() throws Exception {
    fixture.entra.resetRequests();
    for (int i = 0; i < 50; i++) {
      assertThat(answer(fixture.token().header("kid", "ghost " + i).mint()))
          .isEqualTo("401 signed with a key that the tenant does not publish");
      assertThat(answer(fixture.token().mint())).isEqualTo("204");
    }
    assertThat(fixture.entra.requests(Endpoint.KEYS_V2)).isEqualTo(1);
  }

  @Test
  void weakMalformedAndAmbiguousKeysAreNoKeys() throws Exception {
    SigningKey weak = SigningKey.builder().bits(1024).build();
    SigningKey one = SigningKey.builder().kid("twin").build();
    SigningKey other = SigningKey.builder().kid("twin").build();
    fixture.entra.publishKey(weak);
    fixture.entra.publishKey(one);
    fixture.entra.publishKey(other);
    fixture.entra.fail(Endpoint.KEYS_V2, Fault.oneBadKey());
    restart(options);

    assertThat(answer(fixture.token().mint())).isEqualTo("204");
    for (SigningKey bad : new SigningKey[] {weak, one, other}) {
      assertThat(answer(fixture.token().signedBy(bad).mint()))
          .isEqualTo("401 signed with a key that the tenant does not publish");
    }
  }

  @Test
  void lastGoodKeysServeForADayAndThenTheAnswerIs503() throws Exception {
    String known = fixture.token().mint();
    fixture.entra.outage(true);
    ticker.advance(Duration.ofHours(24));
    assertThat(answer(known)).isEqualTo("204");

    ticker.advance(Duration.ofSeconds(1));
    assertThat(answer(known)).isEqualTo("503");
    assertThat(validator.health().isUp()).isFalse();
  }

  @Test
  void withTheProviderDownAtStartTheAnswerIs503AndTheFirstRequestAfterItComesBackIsAccepted()
      throws Exception {
    fixture.entra.outage(true);
    restart(options);
    String token = fixture.token().mint();
    assertThat(answer(token)).isEqualTo("503");
    assertThat(answer("garbage")).startsWith("401");
    assertThat(status("/ready", "")).isEqualTo(503);

    fixture.entra.heal();

    assertThat(answer(token)).isEqualTo("204");
    assertThat(status("/ready", "")).isEqualTo(200);
  }

  @Test
  void aHeaderOfTwentyMegabytesIsNotReadToItsEndAndTheNextRequestIsServed() throws Exception {
    String good = fixture.token().mint();
    assertThat(raw("Bearer " + good)).contains(" 204 ");
    assertThat(raw("Bearer " + "A".repeat(20 << 20))).doesNotContain(" 204 ");
    assertThat(raw("Bearer " + good)).contains(" 204 ");
  }

  @Test
  void whiteSpaceAroundATokenAndASecondTokenAreNotLetIn() throws Exception {
    String good = fixture.token().mint();
    for (String odd :
        new String[] {
          "Bearer " + good + "\r\n more",
          "Bearer " + good + "\r\n\t" + good,
          "Bearer  " + good,
          "Bearer " + good + " " + good,
          "Bearer " + good + "," + good,
          "Basic " + good,
          good
        }) {
      assertThat(raw(odd)).as(odd.replace(good, "TOKEN")).contains(" 401 ");
    }
  }

  /** The status, and what the challenge says about it. */
  private String answer(String token) throws Exception {
    HttpResponse<Void> answer = send("/photos", "Bearer " + token);
    String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
    String why = challenge.replaceFirst("Bearer error=\"invalid_token\", error_description=", "");
    return (answer.statusCode() + " " + why.replace("\"", "")).strip();
  }

  private int status(String path, String authorization) throws Exception {
    return send(path, authorization).statusCode();
  }

  private HttpResponse<Void> send(String path, String authorization) throws Exception {
    URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + path);
    return client.send(
        HttpRequest.newBuilder(uri).header("Authorization", authorization).build(),
        HttpResponse.BodyHandlers.discarding());
  }

  /** The head of the answer, or nothing if the server hung up first. */
  private String raw(String authorization) {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("GET /photos HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: "
                  + authorization
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException hungUp) {
      return "";
    }
  }
}
