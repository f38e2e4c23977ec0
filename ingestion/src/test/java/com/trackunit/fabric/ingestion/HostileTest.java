// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.ingestion.FaultServer.Fault;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service, a store, a presigned URL or a caller may do to hurt. */
final class HostileTest {
  private static final CallOptions OPTIONS = CallOptions.of(new CorrelationId("journey-1"));
  private static final Photo PHOTO = Photo.ofBytes("digger.png", "image/png", new byte[200_000]);
  private static final Fault STORE = c -> c.handshake().request().answer(200, "", "");
  private static final Fault CONFIRM =
      c -> c.handshake().request().answer(202, "", "{\"status\":\"accepted\"}");

  private final ManualTime time = new ManualTime();

  /** Ways to write 127.0.0.1, or to hide it behind a listed name; the resolver takes them all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "LOCALHOST.",
        "store.example.evil.example",
        "store.example@localhost",
        "localhost%2Fstore.example",
        "localhost%00.store.example",
        "\uFF11\uFF12\uFF17.0.0.1",
        "\u24DBocalhost"
      })
  void noSpellingOfAnAddressIsDialled(String host) throws IOException {
    for (UploadHosts hosts :
        List.of(UploadHosts.anyPublic(), UploadHosts.of("store.example", "localhost"))) {
      try (FaultServer store = new FaultServer(time, List.of(STORE));
          PhotoUploader uploader =
              uploader(store, hosts)
                  .dns(name -> List.of(InetAddress.getLoopbackAddress()))
                  .build()) {
        URI url = URI.create("https://" + host + ":" + store.uri().getPort() + "/x?sig=leak");
        assertThatThrownBy(() -> uploader.upload(url, PHOTO, OPTIONS))
            .isInstanceOf(IngestionProtocolException.class)
            .satisfies(e -> assertThat(trace(e)).doesNotContain("leak"));
        assertThat(store.connections()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"errors\":{\"https://s/?sig=leak\":[\"leak\"],\"line\\nleak\":[],\"Bytes\":[]}}",
        "{\"errors\":{\"bytes\":\"leak\"}}",
        "{\"errors\":{\"bytes\":{\"leak\":\"leak\"}}}",
        "{\"errors\":[\"leak\"]}",
        "{\"errors\":{\"leak\":[],\"leak\":[]}}"
      })
  void aRefusalsOwnWordsStayOutOfTheMessage(String body) throws IOException {
    Fault refused = c -> c.handshake().request().answer(422, "", body);
    IngestionException e = failure(IngestionException.class, refused);
    assertThat(trace(e)).doesNotContain("leak");
    if (body.contains("Bytes")) {
      assertThat(e).isInstanceOf(UploadRejectedException.class).hasMessageContaining("[bytes]");
    } else {
      assertThat(e).isInstanceOf(IngestionProtocolException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"status\":\"ok\\r\\nERROR leak\"}",
        "{\"status\":\"\\u001b[2Jleak\"}",
        "{\"status\":{\"leak\":1}}",
        "{\"status\":1e999999999}",
        "{\"status\":\"ok\"}leak",
        "\uFEFF{\"status\":\"leak\"",
        "{\"leak\":NaN,\"status\":\"ok\"}"
      })
  void anAnswerThatIsNotTheContractIsNotQuoted(String body) throws IOException {
    Fault odd = c -> c.handshake().request().answer(202, "", body);
    assertThat(trace(failure(IngestionProtocolException.class, odd))).doesNotContain("leak");
  }

  @Test
  void deepAndLongAnswersEndAsProtocolErrors() throws IOException {
    Fault deep = c -> c.handshake().request().answer(202, "", "{\"a\":" + "[".repeat(60_000));
    Fault digits =
        c -> c.handshake().request().answer(202, "", "{\"status\":" + "9".repeat(60_000) + "}");
    Fault text =
        c -> c.handshake().request().answer(202, "", "{\"status\":\"" + "x".repeat(60_000) + "\"}");
    for (Fault fault : List.of(deep, digits, text)) {
      failure(IngestionProtocolException.class, fault);
    }
  }

  @Test
  void anExpiryThatIsNoDateIsNotQuoted() throws IOException {
    try (FaultServer server = new FaultServer(time, List.of(started("leak")));
        IngestionClient client = client(server).build()) {
      assertThatThrownBy(() -> client.startUpload("digger.png", "image/png", OPTIONS))
          .isInstanceOf(IngestionProtocolException.class)
          .satisfies(e -> assertThat(trace(e)).doesNotContain("leak"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image/png; a=\"b\r\nX-Amz-Acl: public-read\"",
        "image/png; a=\"\u00FC\"",
        "image"
      })
  void aContentTypeThatNoHeaderCarriesIsRefusedAtOnce(String contentType) {
    assertThatThrownBy(() -> Photo.ofBytes("x.png", contentType, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("contentType is 'image")
        .hasMessageNotContaining("\n");
  }

  /** A connection half-way through a request is of no use to the next one. */
  @Test
  void aListenerThatThrowsFreesTheConnection() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    Fault cut =
        c -> {
          try {
            c.handshake().request();
          } finally {
            gone.countDown();
          }
        };
    Photo broken =
        Photo.of(
            "x.png",
            "image/png",
            10,
            () -> {
              throw new UncheckedIOException(new IOException("closed by its owner"));
            });
    try (FaultServer store = new FaultServer(time, List.of(cut, STORE));
        PhotoUploader uploader =
            uploader(store, UploadHosts.of().andPrivate("localhost")).build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), broken, OPTIONS))
          .isInstanceOf(UncheckedIOException.class);
      assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(uploader.upload(url(store), PHOTO, OPTIONS).bytes()).isEqualTo(200_000);
    }
  }

  @Test
  void aStoresAnswerThatIsCutIsPutAgain() throws IOException {
    Fault cut = c -> c.handshake().request().say("HTTP/1.1 200 x\r\nContent-Length: 500\r\n\r\n<");
    try (FaultServer store = new FaultServer(time, List.of(cut, STORE));
        PhotoUploader uploader =
            uploader(store, UploadHosts.of().andPrivate("localhost")).build()) {
      assertThat(uploader.upload(url(store), PHOTO, OPTIONS).bytes()).isEqualTo(200_000);
      assertThat(store.connections()).isEqualTo(2);
    }
  }

  @Test
  void aClientThatIsClosedEndsTheWaitBetweenAttempts() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Fault away = c -> c.handshake().request().answer(503, "Retry-After: 20\r\n", "");
    try (FaultServer server = new FaultServer(time, List.of(away));
        IngestionClient client = unhurried(server).meterRegistry(meters).build()) {
      CompletableFuture<IngestionUnavailableException> blocking =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(
                      IngestionUnavailableException.class, () -> confirm(client, OPTIONS)));
      CompletableFuture<String> stage =
          client.confirmUploadAsync("u-1", 1, "sha256:ab", OPTIONS).toCompletableFuture();
      await()
          .until(
              () ->
                  meters.find("fabric.ingestion.retries").counters().stream()
                          .mapToDouble(counter -> counter.count())
                          .sum()
                      == 2);
      Runnable closing = client::close;
      closing.run();

      assertThat(blocking.get(30, TimeUnit.SECONDS).reason()).isEqualTo(Reason.INTERRUPTED);
      assertThat(stage)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(
              IngestionUnavailableException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
    }
  }

  @Test
  void aClientThatIsClosedBetweenStepsSaysHowFarItCame() throws IOException {
    try (FaultServer server = new FaultServer(time, List.of(started("2126-01-31T12:00:00Z")));
        IngestionClient client = client(server).build()) {
      Runnable closing = client::close;
      IngestionUnavailableException e =
          catchThrowableOfType(
              IngestionUnavailableException.class,
              () -> client.uploadPhoto(PHOTO, OPTIONS.onStep(step -> closing.run())));
      assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED);
      assertThat(e.reached()).containsInstanceOf(UploadStep.Started.class);
      assertThatThrownBy(() -> client.uploadPhoto(PHOTO, OPTIONS))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aDeadlineMayBeNowOrInACentury() throws IOException {
    CallOptions never = OPTIONS.deadline(Deadline.after(Duration.ZERO, Ticker.system()));
    CallOptions ever = OPTIONS.deadline(Deadline.after(Duration.ofDays(36_525), Ticker.system()));
    try (FaultServer server = new FaultServer(time, List.of(CONFIRM));
        IngestionClient client = unhurried(server).build()) {
      IngestionUnavailableException e =
          catchThrowableOfType(IngestionUnavailableException.class, () -> confirm(client, never));
      assertThat(e.reason()).isEqualTo(Reason.DEADLINE);
      assertThat(e.attempts()).isZero();
      assertThat(server.connections()).isZero();
      assertThat(confirm(client, ever)).isEqualTo("accepted");
    }
  }

  private static Fault started(String expiresAt) {
    return c ->
        c.handshake()
            .request()
            .answer(
                200,
                "",
                "{\"uploadId\":\"u\",\"key\":\"k\",\"putUrl\":\"https://localhost/x\",\"expiresAt\":\""
                    + expiresAt
                    + "\"}");
  }

  private <E extends IngestionException> E failure(Class<E> type, Fault fault) throws IOException {
    try (FaultServer server = new FaultServer(time, List.of(fault));
        IngestionClient client = client(server).build()) {
      return Objects.requireNonNull(
          catchThrowableOfType(type, () -> confirm(client, OPTIONS)), type.getName());
    }
  }

  private static String confirm(IngestionClient client, CallOptions options) {
    return client.confirmUpload("u-1", 1, "sha256:ab", options);
  }

  private IngestionClientBuilder client(FaultServer server) {
    return unhurried(server).time(time, () -> 0);
  }

  /** On the machine's clock. */
  private static IngestionClientBuilder unhurried(FaultServer server) {
    return IngestionClient.builder(server.uri())
        .allowHost("localhost")
        .uploadHosts(UploadHosts.of().andPrivate("localhost"))
        .internalAccessKey(Secret.of("leaked-key"))
        .httpClient(server.http());
  }

  private PhotoUploader.Builder uploader(FaultServer store, UploadHosts hosts) {
    return PhotoUploader.builder(hosts)
        .trust(Objects.requireNonNull(store.http().x509TrustManager()))
        .time(time, () -> 0);
  }

  private static URI url(FaultServer store) {
    return URI.create(store.uri() + "/photos/1.png?sig=leak");
  }

  private static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
