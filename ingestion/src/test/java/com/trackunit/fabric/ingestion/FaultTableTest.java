// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.ingestion.FaultServer.Fault;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.Dns;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every failure of a funnel, played on the wire: how the call ends, after how many attempts, and
 * how much time has passed by then. Time is the test's: waits between attempts are half of 200, 400
 * and 800 ms (the jitter is none), an attempt may take 10 s, and a server that stalls moves time.
 */
final class FaultTableTest {
  private static final CorrelationId ID = new CorrelationId("journey-1");
  private static final Fault GOOD =
      c -> c.handshake().request().answer(202, "", "{\"status\":\"accepted\"}");
  private static final String HTML = "Content-Type: text/html\r\n";
  private static final String PROBLEM = "Content-Type: application/problem+json\r\n";
  // A server whose clock is years behind ours: its dates are read against its own.
  private static final ZonedDateTime SENT = ZonedDateTime.parse("2019-03-05T08:07:09Z");
  private static final String DATED = "Date: " + httpDate(SENT) + "\r\n";
  private static final Duration WAITS = Duration.ofMillis(100 + 200 + 400);

  private static final Duration ATTEMPT = Duration.ofSeconds(10);

  private final ManualTime time = new ManualTime();

  /** One line of the table. */
  private record Line(
      String name,
      List<Fault> script,
      @Nullable Class<? extends IngestionException> failure,
      @Nullable Reason reason,
      int attempts,
      Duration elapsed) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Line> table() {
    return Stream.of(
        unavailable("EOF before ServerHello", Reason.NODE_AWAY, c -> c.hearClientHello()),
        unavailable("reset before ServerHello", Reason.NODE_AWAY, c -> c.hearClientHello().reset()),
        passing("EOF before ServerHello, once", c -> c.hearClientHello()),
        unavailable(
            "reset mid-body",
            Reason.CONNECTION_LOST,
            c -> {
              c.handshake().request().say("HTTP/1.1 200 x\r\nContent-Length: 500\r\n\r\n{");
              c.reset();
            }),
        unavailable(
            "reset instead of an answer",
            Reason.CONNECTION_LOST,
            c -> c.handshake().request().reset()),
        slow("slow loris", FaultTableTest::loris),
        slow("no answer at all", c -> c.handshake().request().pass(ATTEMPT).fallSilent()),
        slow(
            "a minute's handshake that nobody allowed for",
            c -> c.hearClientHello().pass(ATTEMPT).fallSilent()),
        unavailable(
            "502 with HTML",
            Reason.STATUS,
            c -> c.handshake().request().answer(502, HTML, "<html>Bad Gateway</html>")),
        unavailable(
            "503 with HTML",
            Reason.STATUS,
            c -> c.handshake().request().answer(503, HTML, "<html>away</html>")),
        passing("503, once", c -> c.handshake().request().answer(503, HTML, "<html>away</html>")),
        line(
            "503 with Retry-After of 3 s, once",
            2,
            Duration.ofSeconds(3),
            c -> c.handshake().request().answer(503, "Retry-After: 3\r\n", ""),
            GOOD),
        asksToWait("503 with Retry-After as a date, once", DATED + in(4), Duration.ofSeconds(4)),
        asksToWait(
            "503 with Retry-After as a date that has passed",
            DATED + in(-3_600),
            Duration.ofMillis(100)),
        asksToWait(
            "503 with Retry-After as no date", "Retry-After: soon\r\n", Duration.ofMillis(100)),
        asksToWait("503 with Retry-After of 0", "Retry-After: 0\r\n", Duration.ofMillis(100)),
        asksToWait("503 with Retry-After of -1", "Retry-After: -1\r\n", Duration.ofMillis(100)),
        asksTooMuch("503 with Retry-After beyond the deadline", "Retry-After: 120\r\n"),
        asksTooMuch("503 with Retry-After as a date beyond the deadline", DATED + in(120)),
        asksTooMuch(
            "503 with Retry-After in the year 9999",
            "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
        asksTooMuch(
            "503 with Retry-After of more seconds than a number holds",
            "Retry-After: 99999999999999999999\r\n"),
        once(
            "the funnel's own 404",
            IngestionProtocolException.class,
            c -> c.handshake().request().answer(404, HTML, "404 page not found")),
        once(
            "the service's 404",
            UnknownUploadException.class,
            c -> c.handshake().request().answer(404, PROBLEM, "{\"status\":404}")),
        once(
            "certificate of another name",
            IngestionProtocolException.class,
            c -> c.handshakeMisnamed().request()),
        once(
            "expired certificate",
            IngestionProtocolException.class,
            c -> c.handshakeExpired().request()),
        once(
            "redirect",
            IngestionProtocolException.class,
            c ->
                c.handshake()
                    .request()
                    .answer(307, "Location: https://elsewhere.example/\r\n", "")),
        once("endless body", IngestionProtocolException.class, FaultTableTest::endless),
        once(
            "refused key",
            IngestionUnauthorizedException.class,
            c -> c.handshake().request().answer(401, PROBLEM, "{}")),
        once(
            "refused input",
            UploadRejectedException.class,
            c -> c.handshake().request().answer(422, "", "{\"errors\":{\"bytes\":[\"no\"]}}")),
        line(
            "100 Continue first",
            1,
            Duration.ZERO,
            c -> {
              c.handshake().request().say("HTTP/1.1 100 Continue\r\n\r\n");
              c.answer(202, "", "{\"status\":\"accepted\"}");
            }));
  }

  @ParameterizedTest
  @MethodSource("table")
  void eachFailureEndsAsTheTableSays(Line line) throws IOException {
    try (FaultServer server = new FaultServer(time, line.script());
        IngestionClient client = client(server).build()) {
      Throwable thrown = catchThrowable(() -> confirm(client));

      if (line.failure() == null) {
        assertThat(thrown).isNull();
      } else {
        assertThat(thrown)
            .isExactlyInstanceOf(line.failure())
            .asInstanceOf(InstanceOfAssertFactories.type(IngestionException.class))
            .satisfies(e -> assertThat(e.attempts()).isEqualTo(line.attempts()))
            .satisfies(e -> assertThat(e.isRetryable()).isEqualTo(line.reason() != null))
            .satisfies(e -> assertThat(e.getMessage()).doesNotContain("html", "top-secret"));
      }
      if (thrown instanceof IngestionUnavailableException unavailable) {
        assertThat(unavailable.reason()).isEqualTo(line.reason());
      }
      assertThat(server.connections()).as("attempts").isEqualTo(line.attempts());
      assertThat(time.elapsed()).as("elapsed").isEqualTo(line.elapsed());
    }
  }

  @Test
  void aMinutesHandshakeIsWaitedForWhenItIsAllowed() throws IOException {
    Fault late =
        c ->
            c.pass(Duration.ofMinutes(1))
                .handshake()
                .request()
                .answer(202, "", "{\"status\":\"accepted\"}");
    try (FaultServer server = new FaultServer(time, List.of(late));
        IngestionClient client = client(server).firstHandshake(Duration.ofMinutes(1)).build()) {
      confirm(client);

      assertThat(server.connections()).isEqualTo(1);
      assertThat(time.elapsed()).isEqualTo(Duration.ofMinutes(1));
    }
  }

  @Test
  void theAllowanceIsForTheHandshakeOnly() throws IOException {
    Fault late =
        c -> c.pass(Duration.ofMinutes(1)).handshake().request().pass(ATTEMPT).fallSilent();
    try (FaultServer server = new FaultServer(time, List.of(late, GOOD));
        IngestionClient client = client(server).firstHandshake(Duration.ofMinutes(1)).build()) {
      confirm(client);

      assertThat(server.connections()).isEqualTo(2);
      assertThat(time.elapsed()).isEqualTo(Duration.ofMillis(70_100));
    }
  }

  @Test
  void theCallersDeadlineEndsItAll() throws IOException {
    Fault silent = c -> c.handshake().request().pass(ATTEMPT).fallSilent();
    try (FaultServer server = new FaultServer(time, List.of(silent));
        IngestionClient client = client(server).build()) {
      CallOptions options =
          CallOptions.of(ID).deadline(Deadline.after(Duration.ofSeconds(19), time));

      assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", options))
          .isInstanceOfSatisfying(
              IngestionUnavailableException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.DEADLINE);
                assertThat(e.attempts()).isEqualTo(2);
              });
      assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", options))
          .isInstanceOfSatisfying(
              IngestionUnavailableException.class, e -> assertThat(e.attempts()).isZero());
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource("impatientHeaders")
  void noWaitGoesBeyondTheCallersDeadline(String headers, Duration asked) throws IOException {
    Fault busy = c -> c.handshake().request().answer(503, headers, "");
    try (FaultServer server = new FaultServer(time, List.of(busy, GOOD));
        IngestionClient client = client(server).build()) {
      CallOptions options =
          CallOptions.of(ID).deadline(Deadline.after(Duration.ofSeconds(9), time));

      assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", options))
          .isInstanceOfSatisfying(
              IngestionUnavailableException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.STATUS);
                assertThat(e.retryAfter()).contains(asked);
              });
      assertThat(server.connections()).as("attempts").isEqualTo(1);
      assertThat(time.elapsed()).as("elapsed").isZero();
    }
  }

  static Stream<Arguments> impatientHeaders() {
    return Stream.of(
        Arguments.of("Retry-After: 10\r\n", Duration.ofSeconds(10)),
        Arguments.of(DATED + in(10), Duration.ofSeconds(10)),
        Arguments.of("Retry-After: 99999999999999999999\r\n", Duration.ofDays(1)),
        Arguments.of("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", Duration.ofDays(1)));
  }

  @Test
  void nameThatIsNotKnownIsAskedForAgain() throws IOException {
    Dns nobody =
        name -> {
          throw new UnknownHostException(name);
        };
    try (FaultServer server = new FaultServer(time, List.of(GOOD));
        IngestionClient client =
            client(server).httpClient(server.http().newBuilder().dns(nobody).build()).build()) {
      endsUnavailable(client, Reason.UNKNOWN_NAME);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void portThatNobodyListensAtIsDialledAgain() throws IOException {
    FaultServer server = new FaultServer(time, List.of(GOOD));
    server.close();
    try (IngestionClient client = client(server).build()) {
      endsUnavailable(client, Reason.CONNECTION_LOST);
    }
  }

  private void endsUnavailable(IngestionClient client, Reason reason) {
    assertThatThrownBy(() -> confirm(client))
        .isInstanceOfSatisfying(
            IngestionUnavailableException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.attempts()).isEqualTo(4);
            });
    assertThat(time.elapsed()).as("elapsed").isEqualTo(WAITS);
  }

  @ParameterizedTest
  @MethodSource("table")
  void asynchronousCallsEndLikeTheOthers(Line line) throws Exception {
    try (FaultServer server = new FaultServer(time, line.script());
        IngestionClient client = client(server).build()) {
      CompletableFuture<String> outcome =
          client
              .confirmUploadAsync("u-1", 1, "sha256:ab", CallOptions.of(ID))
              .toCompletableFuture();

      if (line.failure() == null) {
        assertThat(outcome.get(60, TimeUnit.SECONDS)).isEqualTo("accepted");
      } else {
        assertThatThrownBy(() -> outcome.get(60, TimeUnit.SECONDS))
            .hasCauseInstanceOf(line.failure());
      }
      assertThat(server.connections()).as("attempts").isEqualTo(line.attempts());
      assertThat(time.elapsed()).as("elapsed").isEqualTo(line.elapsed());
    }
  }

  private IngestionClientBuilder client(FaultServer server) {
    return IngestionClient.builder(server.uri())
        .allowHost("localhost")
        .internalAccessKey(Secret.of("top-secret-key"))
        .httpClient(server.http())
        .timeout(ATTEMPT)
        .retry(RetrySettings.builder().deadline(Duration.ofSeconds(60)).build())
        .time(time, () -> 0);
  }

  private static void confirm(IngestionClient client) {
    assertThat(client.confirmUpload("u-1", 1, "sha256:ab", ID)).isEqualTo("accepted");
  }

  private static Line unavailable(String name, Reason reason, Fault fault) {
    return new Line(name, List.of(fault), IngestionUnavailableException.class, reason, 4, WAITS);
  }

  private static Line slow(String name, Fault fault) {
    return new Line(
        name,
        List.of(fault),
        IngestionUnavailableException.class,
        Reason.TIMEOUT,
        4,
        WAITS.plus(ATTEMPT.multipliedBy(4)));
  }

  private static Line once(String name, Class<? extends IngestionException> failure, Fault fault) {
    return new Line(name, List.of(fault), failure, null, 1, Duration.ZERO);
  }

  /** A 503 with such headers, then the answer after such a wait. */
  private static Line asksToWait(String name, String headers, Duration elapsed) {
    return line(name, 2, elapsed, c -> c.handshake().request().answer(503, headers, ""), GOOD);
  }

  /** A 503 that asks for more time than the call has, so that it ends at once. */
  private static Line asksTooMuch(String name, String headers) {
    return new Line(
        name,
        List.of(c -> c.handshake().request().answer(503, headers, "")),
        IngestionUnavailableException.class,
        Reason.STATUS,
        1,
        Duration.ZERO);
  }

  private static String in(int seconds) {
    return "Retry-After: " + httpDate(SENT.plusSeconds(seconds)) + "\r\n";
  }

  private static String httpDate(ZonedDateTime date) {
    return DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).format(date);
  }

  private static Line passing(String name, Fault fault) {
    return line(name, 2, Duration.ofMillis(100), fault, GOOD);
  }

  private static Line line(String name, int attempts, Duration elapsed, Fault... script) {
    return new Line(name, List.of(script), null, null, attempts, elapsed);
  }

  private static void loris(FaultServer.Connection c) throws IOException {
    c.handshake().request().say("HTTP/1.1 200 x\r\nContent-Length: 500\r\n\r\n");
    for (int second = 0; second < ATTEMPT.toSeconds(); second++) {
      c.say(" ").pass(Duration.ofSeconds(1));
    }
    c.fallSilent();
  }

  private static void endless(FaultServer.Connection c) throws IOException {
    c.handshake().request().say("HTTP/1.1 202 x\r\n\r\n");
    while (true) {
      c.say(" ".repeat(8192));
    }
  }
}
