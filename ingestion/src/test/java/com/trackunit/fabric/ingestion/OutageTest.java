// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.FaultServer.Fault;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client does when everything fails for long, and which address it takes at all. */
final class OutageTest {
  private static final CorrelationId ID = new CorrelationId("journey-1");
  private static final Fault AWAY = c -> c.hearClientHello();
  private static final Fault REFUSES =
      c -> c.handshake().request().answer(422, "", "{\"errors\":{}}");
  private static final Fault GOOD =
      c -> c.handshake().request().answer(202, "", "{\"status\":\"accepted\"}");

  private final ManualTime time = new ManualTime();

  @Test
  void openCircuitAnswersAtOnceAndClosesWhenTheServiceIsBack() throws IOException {
    List<Fault> script = new ArrayList<>(Collections.nCopies(6, AWAY));
    script.add(GOOD);
    try (FaultServer server = new FaultServer(time, script);
        IngestionClient client =
            client(
                server,
                RetrySettings.builder().maxAttempts(1).circuitBreaker(6, Duration.ofSeconds(10)))) {
      for (int call = 0; call < 6; call++) {
        assertThat(failure(client).reason()).isEqualTo(Reason.NODE_AWAY);
      }
      IngestionUnavailableException refused = failure(client);
      assertThat(refused.reason()).isEqualTo(Reason.CIRCUIT_OPEN);
      assertThat(refused.retryAfter()).contains(Duration.ofSeconds(10));
      assertThat(refused.attempts()).isZero();
      assertThat(server.connections()).isEqualTo(6);
      assertThat(client.health().isUp()).isFalse();

      time.advance(Duration.ofMillis(10_001));
      for (int call = 0; call < 5; call++) {
        assertThat(client.confirmUpload("u-1", 1, "sha256:ab", ID)).isEqualTo("accepted");
      }
      assertThat(client.health().isUp()).isTrue();
    }
  }

  @Test
  void refusedInputIsNoReasonToOpenTheCircuit() throws IOException {
    try (FaultServer server = new FaultServer(time, List.of(REFUSES));
        IngestionClient client =
            client(server, RetrySettings.builder().circuitBreaker(4, Duration.ofSeconds(10)))) {
      for (int call = 0; call < 8; call++) {
        assertThatThrownBy(() -> client.confirmUpload("u-1", 1, "sha256:ab", ID))
            .isInstanceOf(UploadRejectedException.class);
      }
    }
  }

  @Test
  void budgetBoundsTheRetriesOfAllCalls() throws IOException {
    try (FaultServer server = new FaultServer(time, List.of(AWAY));
        IngestionClient client =
            client(
                server,
                RetrySettings.builder().budget(5, 0).circuitBreaker(0, Duration.ofSeconds(1)))) {
      for (int call = 0; call < 4; call++) {
        failure(client);
      }
      assertThat(server.connections()).as("four calls and five retries").isEqualTo(9);
    }
  }

  @Test
  void successesRefillTheBudget() {
    RetryBudget budget = new RetryBudget(1, 0.5);
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
    budget.succeeded();
    assertThat(budget.take()).isFalse();
    budget.succeeded();
    budget.succeeded();
    budget.succeeded();
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).as("never more than it can hold").isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://node.tailnet.ts.net",
        "https://node.tailnet.ts.net:8443/prefix",
        "https://NODE.tailnet.TS.net:10000"
      })
  void funnelsAreDialled(String address) {
    IngestionClient.builder(URI.create(address)).build().close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://node.tailnet.ts.net:5104",
        "https://tailnet.ts.net",
        "https://ts.net",
        "https://a.node.tailnet.ts.net",
        "https://node.tailnet.ts.net.evil.example",
        "https://nodets.net",
        "https://100.100.1.1",
        "https://ingestion.example"
      })
  void whatIsNoFunnelHasToBeAllowed(String address) {
    URI uri = URI.create(address);
    IngestionClientBuilder builder = IngestionClient.builder(uri);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ts.net")
        .hasMessageContaining(uri.getHost());
    builder.allowHost(uri.getHost()).build().close();
  }

  @Test
  void settingsRefuseWhatIsOutOfBounds() {
    RetrySettings.Builder builder = RetrySettings.builder();
    for (Runnable bad :
        Arrays.<Runnable>asList(
            () -> builder.maxAttempts(0),
            () -> builder.backoff(Duration.ZERO, Duration.ofSeconds(1)),
            () -> builder.backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)),
            () -> builder.deadline(Duration.ZERO),
            () -> builder.budget(-1, 0.1),
            () -> builder.budget(1, Double.NaN),
            () -> builder.circuitBreaker(-1, Duration.ofSeconds(1)),
            () -> builder.circuitBreaker(1, Duration.ZERO))) {
      assertThatThrownBy(bad::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
  }

  private IngestionClient client(FaultServer server, RetrySettings.Builder retry) {
    return IngestionClient.builder(server.uri())
        .allowHost("localhost")
        .httpClient(server.http())
        .timeout(Duration.ofSeconds(10))
        .retry(retry.build())
        .time(time, () -> 0)
        .build();
  }

  private static IngestionUnavailableException failure(IngestionClient client) {
    return catchThrowableOfType(
        IngestionUnavailableException.class, () -> client.confirmUpload("u-1", 1, "sha256:ab", ID));
  }
}
