// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.CorrelationId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the way to the service fails, and what that is told as. */
final class FunnelFailureTest {
  private static final CorrelationId ID = new CorrelationId("journey-1");
  private static final int ENDLESS = 64 * 1024 * 1024;

  private final FunnelServer funnel;

  FunnelFailureTest() throws IOException {
    funnel = FunnelServer.start();
  }

  @AfterEach
  void close() {
    funnel.close();
  }

  @Test
  void connectionEndedBeforeServerHelloIsANodeAwayNotABadCertificate() throws Exception {
    try (RawServer node = new RawServer("");
        IngestionClient client = direct(node.uri())) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionUnavailableException.class)
          .hasMessageContaining(node.uri().toString())
          .hasMessageContaining("the node is away")
          .hasMessageNotContaining("certificate");
      assertThat(client.health().isUp()).isFalse();
    }
  }

  @Test
  void nobodyListeningIsUnavailable() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (IngestionClient client = direct(URI.create("https://localhost:" + port))) {
      assertThatThrownBy(() -> start(client)).isInstanceOf(IngestionUnavailableException.class);
    }
  }

  @Test
  void nameThatIsNotKnownIsUnavailable() {
    try (IngestionClient client = direct(URI.create("https://node.tailnet.invalid"))) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionUnavailableException.class)
          .hasMessageContaining("the name is not known");
    }
  }

  @Test
  void certificateOfAnotherNameIsNotTheHost() throws IOException {
    try (FunnelServer other = new FunnelServer("other.tailnet.ts.net");
        IngestionClient client = other.client()) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("certificate");
      assertThat(other.requests()).as("nothing was sent").isZero();
    }
  }

  @Test
  void certificateOfAnUnknownAuthorityIsNotTheHost() {
    try (IngestionClient client = direct(funnel.uri())) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("certificate");
    }
  }

  @Test
  void redirectIsNotFollowed() {
    funnel.answer(
        new MockResponse.Builder().code(307).setHeader("Location", funnel.uri() + "/elsewhere"));
    try (IngestionClient client = funnel.client()) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("redirect 307");
    }
    assertThat(funnel.requests()).isEqualTo(1);
  }

  @Test
  void redirectsAreNotFollowedWhateverTheGivenClientDoes() {
    funnel.answer(
        new MockResponse.Builder().code(302).setHeader("Location", funnel.uri() + "/elsewhere"));
    OkHttpClient following = funnel.http().newBuilder().followRedirects(true).build();
    try (IngestionClient client = funnel.builder().httpClient(following).build()) {
      assertThatThrownBy(() -> start(client)).isInstanceOf(IngestionProtocolException.class);
    }
    assertThat(funnel.requests()).isEqualTo(1);
  }

  @Test
  void endlessAnswerIsCut() {
    funnel.answer(
        new MockResponse.Builder()
            .setHeader("Content-Type", "application/json")
            .chunkedBody(new Buffer().writeUtf8(" ".repeat(ENDLESS)), 8192)
            .throttleBody(128 * 1024, 100, TimeUnit.MILLISECONDS));
    try (IngestionClient client = funnel.client()) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("more than 65536 bytes");
    }
  }

  @Test
  void slowAnswerEndsAtTheTimeout() {
    funnel.answer(
        new MockResponse.Builder()
            .body(" ".repeat(1000))
            .throttleBody(1, 50, TimeUnit.MILLISECONDS));
    try (IngestionClient client = funnel.client(Duration.ofSeconds(1))) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionUnavailableException.class)
          .hasMessageContaining("no complete answer in time");
    }
  }

  @Test
  void noAnswerEndsAtTheTimeout() {
    funnel.answer(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
    try (IngestionClient client = funnel.client(Duration.ofSeconds(1))) {
      assertThatThrownBy(() -> start(client))
          .isInstanceOf(IngestionUnavailableException.class)
          .hasMessageContaining("no complete answer in time");
    }
  }

  @Test
  void connectionLostWithinTheAnswerIsUnavailable() {
    funnel.answer(
        new MockResponse.Builder()
            .body(" ".repeat(10_000))
            .onResponseBody(new SocketEffect.CloseSocket()));
    try (IngestionClient client = funnel.client()) {
      assertThatThrownBy(() -> start(client)).isInstanceOf(IngestionUnavailableException.class);
    }
  }

  @Test
  void interruptEndsTheCallAndStays() throws Exception {
    funnel.answer(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
    CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
    try (IngestionClient client = funnel.client()) {
      Thread caller =
          new Thread(
              () -> {
                try {
                  start(client);
                } catch (IngestionUnavailableException e) {
                  stillInterrupted.complete(Thread.currentThread().isInterrupted());
                }
              });
      caller.start();
      funnel.request();
      caller.interrupt();

      assertThat(stillInterrupted.get(30, TimeUnit.SECONDS)).isTrue();
      caller.join();
    }
  }

  @Test
  void plainHttpBehindTheAddressIsNotTheContract() throws Exception {
    try (RawServer plain = new RawServer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        IngestionClient client = direct(plain.uri())) {
      assertThatThrownBy(() -> start(client)).isInstanceOf(IngestionProtocolException.class);
    }
  }

  /** Trusts whom the JVM trusts, and tries once. */
  private static IngestionClient direct(URI address) {
    return IngestionClient.builder(address)
        .allowHost(address.getHost())
        .internalAccessKey(FunnelServer.KEY)
        .retry(RetrySettings.none())
        .build();
  }

  private static Upload start(IngestionClient client) {
    return client.startUpload("digger.png", "image/png", ID);
  }
}
