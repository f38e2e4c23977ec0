// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.client.StandInGateway.SocketFault;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionSocketTest {
  private static final HandshakeCertificates CERTIFICATES =
      new HandshakeCertificates.Builder()
          .heldCertificate(new HeldCertificate.Builder().build())
          .build();

  private final StandInGateway gateway = new StandInGateway(CERTIFICATES);
  private final OkHttpClient http = new OkHttpClient();
  private final List<Boolean> renewals = new CopyOnWriteArrayList<>();
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    gateway.close();
  }

  @Test
  void aLostConnectionComesBackWithItsSubscriptions() throws Exception {
    gateway.socketFaults.add(pass());
    gateway.socketFaults.add(
        (socket, message) -> {
          socket.cancel();
          return true;
        });
    try (SubscriptionSocket socket = open()) {
      ready(socket);
      assertThat(types()).containsSubsequence("subscribe", "connection_init", "subscribe", "ping");
      assertThat(renewals).containsExactly(false, false);
    }
  }

  @Test
  void aRefusedUpgradeIsTriedAgainWithANewTokenOnce() throws Exception {
    gateway.upgrades.add(status(401));
    try (SubscriptionSocket socket = open()) {
      ready(socket);
      assertThat(renewals).containsExactly(false, true);
    }
  }

  @Test
  void aSecondRefusalMeansSignIn() throws Exception {
    gateway.upgrades.addAll(List.of(status(403), status(401)));
    try (SubscriptionSocket socket = open()) {
      assertThat(failure(socket).reason()).isEqualTo(Reason.SIGN_IN);
      assertThat(renewals).containsExactly(false, true);
    }
  }

  @Test
  void anExpiredTokenIsReplacedWhenTheSocketClosesWithForbidden() throws Exception {
    gateway.socketFaults.add(pass());
    gateway.socketFaults.add(pass());
    gateway.socketFaults.add(
        (socket, message) -> {
          StandInGateway.send(socket, "{\"type\":\"pong\"}");
          return socket.close(4403, "Forbidden");
        });
    try (SubscriptionSocket socket = open()) {
      ready(socket);
      eventually(() -> renewals.equals(List.of(false, true)) && pings() == 2);
      assertThat(socket.failure()).isNotDone();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 500})
  void aPeerThatIsNotReadyIsTriedAgain(int status) throws Exception {
    gateway.upgrades.addAll(List.of(status(status), status(status)));
    try (SubscriptionSocket socket = open()) {
      ready(socket);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4400, 4401, 4406, 4409, 4429})
  void aBrokenProtocolIsNotRepeated(int code) throws Exception {
    gateway.socketFaults.add((socket, message) -> socket.close(code, "no"));
    try (SubscriptionSocket socket = open()) {
      TrackunitClientException error = failure(socket);
      assertThat(error.reason()).isEqualTo(Reason.PROTOCOL);
      assertThat(error).hasMessageContaining(String.valueOf(code));
    }
  }

  @Test
  void anotherSubprotocolOrNoWebSocketAtAllEndsIt() throws Exception {
    gateway.upgrades.add(status(200));
    try (SubscriptionSocket socket = open()) {
      assertThat(failure(socket).reason()).isEqualTo(Reason.PROTOCOL);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no json", "[]", "{\"type\":\"news\"}", "{}"})
  void aMessageThatIsNoneEndsIt(String message) throws Exception {
    gateway.socketFaults.add(answer(message));
    try (SubscriptionSocket socket = open()) {
      assertThat(failure(socket).reason()).isEqualTo(Reason.PROTOCOL);
    }
  }

  @Test
  void aRefusedSubscriptionEndsItWithThePeersWords() throws Exception {
    gateway.socketFaults.add(pass());
    gateway.socketFaults.add(
        answer(
            "{\"id\":\"onAnalysisStarted\",\"type\":\"error\",\"payload\":[{\"message\":\"scope\","
                + "\"extensions\":{\"code\":\"FORBIDDEN\"}}]}"));
    try (SubscriptionSocket socket = open()) {
      TrackunitClientException error = failure(socket);
      assertThat(error.reason()).isEqualTo(Reason.FORBIDDEN);
      assertThat(error).hasMessageContaining("onAnalysisStarted").hasMessageContaining("scope");
    }
  }

  @Test
  void aSubscriptionThatThePeerEndsIsMadeAgain() throws Exception {
    gateway.socketFaults.add(pass());
    gateway.socketFaults.add(answer("{\"id\":\"onAnalysisStarted\",\"type\":\"complete\"}"));
    try (SubscriptionSocket socket = open()) {
      ready(socket);
      assertThat(types()).containsSubsequence("subscribe", "connection_init", "subscribe");
    }
  }

  @Test
  void aPingIsAnsweredAndAnEventHandedOver() throws Exception {
    gateway.socketFaults.add(pass());
    gateway.socketFaults.add(
        (socket, message) -> {
          StandInGateway.send(socket, "{\"type\":\"ping\"}");
          StandInGateway.send(
              socket,
              "{\"id\":\"onAnalysisStarted\",\"type\":\"next\",\"payload\":{\"data\":"
                  + "{\"onAnalysisStarted\":{\"objectKey\":\"k\"}}}}");
          return true;
        });
    try (SubscriptionSocket socket = open()) {
      ready(socket);
      JsonNode event = Objects.requireNonNull(events.poll(30, TimeUnit.SECONDS), "no event");
      assertThat(event.path("objectKey").asText()).isEqualTo("k");
      eventually(() -> types().contains("pong"));
    }
  }

  private SubscriptionSocket open() {
    return SubscriptionSocket.open(
        http,
        HttpUrl.get(gateway.httpUrl()),
        renew -> {
          renewals.add(renew);
          return Secret.of("t");
        },
        List.of(
            new Subscription("onAnalysisStarted", "subscription { x }", Map.of(), events::add)));
  }

  private static void ready(SubscriptionSocket socket) throws Exception {
    Object unused =
        CompletableFuture.anyOf(socket.ready(), socket.failure()).get(30, TimeUnit.SECONDS);
  }

  private static TrackunitClientException failure(SubscriptionSocket socket) throws Exception {
    try {
      Object unused = socket.failure().get(30, TimeUnit.SECONDS);
      throw new AssertionError("it did not fail");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TrackunitClientException expected) {
        return expected;
      }
      throw e;
    }
  }

  private long pings() {
    return types().stream().filter("ping"::equals).count();
  }

  private List<String> types() {
    return gateway.socketMessages.stream().map(message -> message.path("type").asText()).toList();
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(30, TimeUnit.SECONDS).until(condition);
  }

  private static SocketFault pass() {
    return (socket, message) -> false;
  }

  private static SocketFault answer(String text) {
    return (socket, message) -> {
      StandInGateway.send(socket, text);
      return true;
    };
  }

  private static MockResponse status(int code) {
    return new MockResponse.Builder().code(code).build();
  }
}
