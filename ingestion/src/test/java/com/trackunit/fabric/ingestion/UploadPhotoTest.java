// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.ingestion.FaultServer.Fault;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** All three steps, from any of them on; the store and the service are one server here. */
final class UploadPhotoTest {
  private static final TraceParent TRACE = TraceParent.random();
  private static final CallOptions OPTIONS =
      CallOptions.of(new CorrelationId("journey-1")).trace(TRACE);
  private static final Photo PHOTO = Photo.ofBytes("digger.png", "image/png", new byte[] {1, 2, 3});
  private static final StoredPhoto SENT =
      new StoredPhoto(3, "sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
  private static final Fault START = c -> c.handshake().request().answer(200, "", started());
  private static final Fault PUT = c -> c.handshake().request().answer(200, "", "");
  private static final Fault CONFIRM =
      c -> c.handshake().request().answer(202, "", "{\"status\":\"accepted\"}");
  private static final Fault AWAY = c -> c.hearClientHello();
  private static final Fault EXPIRED =
      c -> c.handshake().request().answer(403, "", "<Message>Request has expired</Message>");
  private static volatile @Nullable IngestionClient client;
  private static volatile URI store = URI.create("https://unset.example");

  private final ManualTime time = new ManualTime();
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final Logger ours = (Logger) LoggerFactory.getLogger("com.trackunit.fabric");
  private final @Nullable Level levelBefore = ours.getLevel();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  UploadPhotoTest() {
    logged.start();
    ours.addAppender(logged);
    ours.setLevel(Level.TRACE);
    ours.setAdditive(false);
  }

  @AfterEach
  void nothingSecretIsLogged() {
    ours.detachAppender(logged);
    ours.setLevel(levelBefore);
    ours.setAdditive(true);
    assertThat(List.copyOf(logged.list))
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.contains("leak") || line.contains("top-secret"));
  }

  @Test
  void photoIsStartedStoredAndConfirmed() throws IOException {
    List<UploadStep> steps = new ArrayList<>();
    try (FaultServer server = server(START, PUT, CONFIRM);
        IngestionClient client = client(server, RetrySettings.builder().build())) {
      UploadStep.Confirmed done = client.uploadPhoto(PHOTO, OPTIONS.onStep(steps::add));

      assertThat(done.photo()).isEqualTo(SENT);
      assertThat(done.status()).isEqualTo("accepted");
      assertThat(steps)
          .containsExactly(
              new UploadStep.Started(done.upload()),
              new UploadStep.Stored(done.upload(), SENT),
              done);
      assertThat(steps).allSatisfy(step -> assertThat(step.toString()).doesNotContain("leak"));
      String ours = "x-correlation-id: journey-1";
      assertThat(server.heads().get(0))
          .contains("X-Internal-Access: top-secret-key", ours, "traceparent: " + TRACE);
      assertThat(server.heads().get(1).toLowerCase(Locale.ROOT))
          .doesNotContain("access", "authorization", "correlation", "trace", "agent", "cookie");
      assertThat(server.heads().get(2))
          .contains("X-Internal-Access: top-secret-key", ours, "traceparent: " + TRACE);
    }
    assertThat(calls("start", "ok")).isEqualTo(1);
    assertThat(calls("upload", "ok")).isEqualTo(1);
    assertThat(calls("confirm", "ok")).isEqualTo(1);
    assertThat(registry.get("fabric.ingestion.upload.bytes").counter().count()).isEqualTo(3);
  }

  /** How a step is interrupted. */
  private enum Interruption {
    NODE_AWAY,
    CUT_WITHIN_THE_REQUEST,
    ANSWER_LOST,
    CUT_WITHIN_THE_ANSWER,
    SILENCE,
    CLIENT_CLOSED
  }

  private static Fault fault(Interruption kind, int made) {
    return switch (kind) {
      case NODE_AWAY -> AWAY;
      case CUT_WITHIN_THE_REQUEST -> c -> c.handshake().requestHead().reset();
      case ANSWER_LOST -> c -> c.handshake().request().reset();
      case CUT_WITHIN_THE_ANSWER ->
          c -> c.handshake().request().say("HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n{").reset();
      // Exactly as long as the step may take: time that moves on would be the next attempt's.
      case SILENCE ->
          c -> c.handshake().request().pass(Duration.ofSeconds(made == 1 ? 30 : 10)).fallSilent();
      case CLIENT_CLOSED ->
          c -> {
            c.handshake().request();
            Objects.requireNonNull(client).close();
            c.fallSilent();
          };
    };
  }

  @ParameterizedTest
  @MethodSource("interruptions")
  void whereverItIsInterruptedItGoesOnFromThere(int made, Interruption interruption)
      throws IOException {
    List<Fault> good = List.of(START, PUT, CONFIRM);
    List<Fault> script = new ArrayList<>(good.subList(0, made));
    script.add(fault(interruption, made));
    script.addAll(good.subList(made, 3));
    List<UploadStep> steps = new ArrayList<>();
    try (FaultServer server = server(script.toArray(Fault[]::new));
        IngestionClient first = client(server, RetrySettings.none());
        IngestionClient second = client(server, RetrySettings.none())) {
      client = first;
      IngestionException failure =
          catchThrowableOfType(
              IngestionUnavailableException.class,
              () -> first.uploadPhoto(PHOTO, OPTIONS.onStep(steps::add)));
      assertThat(stackTrace(failure)).doesNotContain("leak", "top-secret");
      assertThat(steps).as("told as made").hasSize(made);
      UploadStep reached = failure.reached().orElseThrow();
      assertThat(reached).isEqualTo(made == 0 ? new UploadStep.NotStarted() : steps.get(made - 1));

      assertThat(second.uploadPhoto(PHOTO, reached, OPTIONS).photo()).isEqualTo(SENT);
      assertThat(server.connections()).as("nothing was done twice").isEqualTo(4);
    }
  }

  static Stream<Arguments> interruptions() {
    return Stream.of(Interruption.values())
        .flatMap(kind -> IntStream.range(0, 3).mapToObj(made -> Arguments.of(made, kind)));
  }

  @Test
  void expiredUrlIsReplacedByANewStartOnce() throws IOException {
    try (FaultServer server = server(START, EXPIRED, START, PUT, CONFIRM);
        IngestionClient client = client(server, RetrySettings.none())) {
      assertThat(client.uploadPhoto(PHOTO, OPTIONS).status()).isEqualTo("accepted");
    }
    try (FaultServer server = server(START, EXPIRED, START, EXPIRED);
        IngestionClient client = client(server, RetrySettings.none())) {
      assertThatThrownBy(() -> client.uploadPhoto(PHOTO, OPTIONS))
          .isInstanceOfSatisfying(
              UploadExpiredException.class,
              e -> assertThat(e.reached()).containsInstanceOf(UploadStep.Started.class));
      assertThat(server.connections()).isEqualTo(4);
    }
    assertThat(calls("upload", "expired")).isEqualTo(3);
  }

  @Test
  void leaveFromLongAgoIsNotTried() throws IOException {
    try (FaultServer server = server(START, PUT, CONFIRM);
        IngestionClient client = client(server, RetrySettings.none())) {
      Upload old =
          new Upload(
              "u-0", "k", URI.create(store + "/old?leak"), Instant.parse("2026-01-31T11:59:59Z"));

      assertThat(
              client.uploadPhoto(PHOTO, new UploadStep.Started(old), OPTIONS).upload().uploadId())
          .isEqualTo("u-1");
      assertThat(server.heads()).noneMatch(head -> head.contains("old"));
    }
  }

  @Test
  void newLeaveIsNotJudgedByAClockThatIsAhead() throws IOException {
    Clock ahead = Clock.fixed(Instant.parse("2026-01-31T13:00:00Z"), ZoneOffset.UTC);
    try (FaultServer server = server(START, PUT, CONFIRM);
        IngestionClient client = builder(server, RetrySettings.none()).clock(ahead).build()) {
      assertThat(client.uploadPhoto(PHOTO, OPTIONS).status()).isEqualTo("accepted");
    }
  }

  @Test
  void unknownUploadIsToldAndNotStartedAnew() throws IOException {
    Fault unknown =
        c ->
            c.handshake()
                .request()
                .answer(404, "Content-Type: application/problem+json\r\n", "{\"status\":404}");
    try (FaultServer server = server(START, PUT, unknown);
        IngestionClient client = client(server, RetrySettings.none())) {
      assertThatThrownBy(() -> client.uploadPhoto(PHOTO, OPTIONS))
          .isInstanceOf(UnknownUploadException.class);
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void asynchronouslyToo() throws Exception {
    try (FaultServer server = server(START, PUT, CONFIRM);
        IngestionClient client = client(server, RetrySettings.none())) {
      assertThat(
              client
                  .uploadPhotoAsync(PHOTO, new UploadStep.NotStarted(), OPTIONS)
                  .toCompletableFuture()
                  .get(60, TimeUnit.SECONDS)
                  .photo())
          .isEqualTo(SENT);
    }
  }

  @Test
  void withoutUploadHostsNothingIsSentAnywhere() throws IOException {
    try (FaultServer server = server(START, PUT);
        IngestionClient client =
            builder(server, RetrySettings.none()).uploadHosts(UploadHosts.of()).build()) {
      assertThatThrownBy(() -> client.uploadPhoto(PHOTO, OPTIONS))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("upload hosts");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void retriesAreCountedByReason() throws IOException {
    try (FaultServer server = server(AWAY, START, AWAY, PUT, CONFIRM);
        IngestionClient client = client(server, RetrySettings.builder().build())) {
      assertThat(client.uploadPhoto(PHOTO, OPTIONS).photo()).isEqualTo(SENT);
    }
    assertThat(retries("start", "node_away")).isEqualTo(1);
    assertThat(retries("upload", "node_away")).isEqualTo(1);
  }

  private FaultServer server(Fault... script) throws IOException {
    FaultServer server = new FaultServer(time, List.of(script));
    store = server.uri();
    return server;
  }

  private IngestionClient client(FaultServer server, RetrySettings retry) {
    return builder(server, retry).build();
  }

  private IngestionClientBuilder builder(FaultServer server, RetrySettings retry) {
    return IngestionClient.builder(server.uri())
        .allowHost("localhost")
        .uploadHosts(UploadHosts.of().andPrivate("localhost"))
        .internalAccessKey(Secret.of("top-secret-key"))
        .httpClient(server.http())
        .timeout(Duration.ofSeconds(10))
        .retry(retry)
        .meterRegistry(registry)
        .clock(Clock.fixed(Instant.parse("2026-01-31T12:00:00Z"), ZoneOffset.UTC))
        .time(time, () -> 0);
  }

  private long calls(String step, String outcome) {
    return registry
        .get("fabric.ingestion.calls")
        .tag("step", step)
        .tag("outcome", outcome)
        .timer()
        .count();
  }

  private double retries(String step, String reason) {
    return registry
        .get("fabric.ingestion.retries")
        .tag("step", step)
        .tag("reason", reason)
        .counter()
        .count();
  }

  private static String started() {
    return "{\"uploadId\":\"u-1\",\"key\":\"images/1.png\",\"putUrl\":\""
        + store
        + "/1.png?X-Amz-SignedHeaders=host&X-Amz-Signature=leak\",\"expiresAt\":\"2026-01-31T12:05:00Z\"}";
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
