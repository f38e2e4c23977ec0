// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** graphql-transport-ws: every message, every close code. */
final class GraphqlSocketTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String STARTED = "subscription { onAnalysisStarted { objectKey } }";

  private GatewayFixture gateway = new GatewayFixture();

  @AfterEach
  void close() {
    gateway.close();
  }

  private void limits(SocketLimits limits) {
    gateway.close();
    gateway = new GatewayFixture(limits, false);
  }

  @Test
  void queriesAndMutationsAnswerAndComplete() {
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("1", "{ ping }");
      assertThat(client.expect("next").at("/payload/data/ping").asText()).isEqualTo("pong");
      assertThat(client.expect("complete").path("id").asText()).isEqualTo("1");
      client.subscribe(
          "1", "mutation { confirmUpload(uploadId: \"u\", bytes: 1, checksum: \"c\") { status } }");
      assertThat(client.expect("next").at("/payload/data/confirmUpload/status").asText())
          .isEqualTo("accepted");
      client.expect("complete");
    }
  }

  @Test
  void anEventReachesItsOwnerAlone() {
    try (SocketClient alice = gateway.ready("alice");
        SocketClient bob = gateway.ready("bob")) {
      alice.subscribe("a", STARTED);
      bob.subscribe("b", STARTED);
      awaitSubscriptions(2);
      gateway.hub.deliver(GatewayFixture.ALICE, AnalysisEvent.started("images/1.jpg", "c-1"));
      JsonNode next = alice.expect("next");
      assertThat(next.path("id").asText()).isEqualTo("a");
      assertThat(next.at("/payload/data/onAnalysisStarted/objectKey").asText())
          .isEqualTo("images/1.jpg");
      bob.subscribe("p", "{ ping }");
      assertThat(bob.expect("next").path("id").asText()).as("nothing came before").isEqualTo("p");
    }
  }

  @Test
  void argumentsNarrowASubscription() {
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("k", "subscription { onAnalysisStarted(objectKey: \"k2\") { objectKey } }");
      client.subscribe(
          "c", "subscription { onAnalysisStarted(correlationId: \"c3\") { objectKey } }");
      awaitSubscriptions(2);
      for (int i = 1; i <= 3; i++) {
        gateway.hub.deliver(GatewayFixture.ALICE, AnalysisEvent.started("k" + i, "c" + i));
      }
      assertThat(client.expect("next").path("id").asText()).isEqualTo("k");
      assertThat(client.expect("next").path("id").asText()).isEqualTo("c");
    }
  }

  @Test
  void completeEndsASubscriptionAndFreesItsId() {
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("1", STARTED);
      awaitSubscriptions(1);
      client.complete("1");
      awaitSubscriptions(0);
      client.complete("1");
      client.subscribe("1", STARTED);
      awaitSubscriptions(1);
      assertThat(client.isOpen()).isTrue();
    }
    awaitSubscriptions(0);
  }

  @Test
  void aWrongDocumentIsAnErrorForItsIdAlone() {
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("1", "{");
      assertThat(client.expect("error").path("id").asText()).isEqualTo("1");
      client.subscribe("1", "{ nosuch }");
      assertThat(client.expect("error").path("payload").isArray()).isTrue();
      client.subscribe("1", "{ ping }");
      client.expect("next");
    }
  }

  @Test
  void pingIsAnsweredWithItsPayload() {
    try (SocketClient client = gateway.connect("alice")) {
      client.send("{\"type\":\"ping\",\"payload\":{\"n\":1}}");
      assertThat(client.expect("pong").at("/payload/n").asInt()).isEqualTo(1);
      client.send("{\"type\":\"ping\"}");
      assertThat(client.expect("pong").has("payload")).isFalse();
      client.send("{\"type\":\"pong\"}");
      assertThat(client.isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "[]",
        "{}",
        "{\"type\":\"other\"}",
        "{\"type\":\"subscribe\",\"payload\":{\"query\":\"{ ping }\"}}",
        "{\"type\":\"subscribe\",\"id\":\"\",\"payload\":{\"query\":\"{ ping }\"}}",
        "{\"type\":\"subscribe\",\"id\":\"1\"}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":1}}",
        "{\"type\":\"complete\"}"
      })
  void aBadMessageCloses4400(String message) {
    try (SocketClient client = gateway.ready("alice")) {
      client.send(message);
      assertThat(client.closeCode()).isEqualTo(4400);
    }
  }

  @Test
  void aBinaryMessageCloses4400() {
    try (SocketClient client = gateway.ready("alice")) {
      client.sendBinary(new byte[] {1});
      assertThat(client.closeCode()).isEqualTo(4400);
    }
  }

  @Test
  void subscribeBeforeAckCloses4401() {
    try (SocketClient client = gateway.connect("alice")) {
      client.subscribe("1", "{ ping }");
      assertThat(client.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void anotherSubprotocolCloses4406() {
    try (SocketClient none = SocketClient.open(gateway.http, gateway.socketUri(), "alice")) {
      assertThat(none.closeCode()).isEqualTo(4406);
    }
  }

  @Test
  void noInitInTimeCloses4408() {
    limits(new SocketLimits(Duration.ofMillis(200), LONG, 1 << 20, 100));
    try (SocketClient client = gateway.connect("alice")) {
      assertThat(client.closeCode()).isEqualTo(4408);
    }
  }

  @Test
  void anIdInUseCloses4409() {
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("1", STARTED);
      client.subscribe("1", STARTED);
      assertThat(client.closeCode()).isEqualTo(4409);
    }
    awaitSubscriptions(0);
  }

  @Test
  void aSecondInitCloses4429() {
    try (SocketClient client = gateway.ready("alice")) {
      client.send("{\"type\":\"connection_init\"}");
      assertThat(client.closeCode()).isEqualTo(4429);
    }
  }

  @Test
  void aTokenInInitIsForTheSameSubjectOnly() {
    gateway.expiry = Instant.now().plusSeconds(4);
    try (SocketClient client = gateway.connect("alice")) {
      gateway.expiry = Instant.now().plusSeconds(3600);
      client.send(init("alice"));
      client.expect("connection_ack");
      await().pollDelay(Duration.ofMillis(4500)).atMost(LONG).until(client::isOpen);
    }
    try (SocketClient client = gateway.connect("alice")) {
      client.send(init("bob"));
      assertThat(client.closeCode()).isEqualTo(4403);
    }
    try (SocketClient client = gateway.connect("alice")) {
      client.send(init("bad"));
      assertThat(client.closeCode()).isEqualTo(4403);
    }
  }

  @Test
  void theServerPings() {
    // Long enough for a client on a busy machine to answer within it.
    limits(new SocketLimits(LONG, Duration.ofSeconds(2), 1 << 20, 100));
    try (SocketClient client = gateway.connect("alice")) {
      await().atMost(LONG).until(() -> client.pings.get() >= 3);
      assertThat(client.isOpen()).isTrue();
    }
    assertThat(SocketLimits.DEFAULT.pingEvery())
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
  }

  @Test
  void operationsAtOnceAreBounded() {
    limits(new SocketLimits(LONG, LONG, 1 << 20, 2));
    try (SocketClient client = gateway.ready("alice")) {
      client.subscribe("1", STARTED);
      client.subscribe("2", STARTED);
      client.subscribe("3", STARTED);
      assertThat(client.expect("error").path("id").asText()).isEqualTo("3");
    }
  }

  @Test
  void aMessageBeyondTheLimitClosesTheSocket() {
    try (SocketClient client = gateway.ready("alice")) {
      client.send(" ".repeat(HttpEndpoint.MAX_BODY + 1));
      assertThat(client.closeCode()).isEqualTo(1009);
    }
  }

  /** A raw socket, since real clients read on their own. */
  @Test
  void aSubscriberThatDoesNotReadIsCutOff() throws Exception {
    limits(new SocketLimits(LONG, LONG, 64 * 1024, 100));
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), gateway.socketUri().getPort())) {
      socket.getOutputStream().write(handshake());
      readUpTo(socket.getInputStream(), "\r\n\r\n");
      socket.getOutputStream().write(frame("{\"type\":\"connection_init\"}"));
      socket
          .getOutputStream()
          .write(
              frame(
                  "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\""
                      + STARTED
                      + "\"}}"));
      awaitSubscriptions(1);
      String longKey = "k".repeat(16 * 1024);
      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () ->
                  gateway.hub.deliver(GatewayFixture.ALICE, AnalysisEvent.started(longKey, "c"))
                      == 0);
    }
    awaitSubscriptions(0);
  }

  @Test
  void closingTheServerClosesSocketsWith1001() {
    try (SocketClient client = gateway.ready("alice")) {
      gateway.close();
      assertThat(client.closeCode()).isEqualTo(1001);
    }
  }

  private void awaitSubscriptions(int expected) {
    await().atMost(LONG).until(() -> gateway.hub.size() == expected);
  }

  private static String init(String token) {
    return "{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer "
        + token
        + "\"}}";
  }

  private static byte[] handshake() {
    return ("GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket"
            + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
            + "\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nAuthorization: Bearer alice"
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** A masked text frame (RFC 6455, section 5.2) with the mask zero. */
  private static byte[] frame(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[8 + payload.length];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) (0x80 | 126);
    frame[2] = (byte) (payload.length >> 8);
    frame[3] = (byte) payload.length;
    System.arraycopy(payload, 0, frame, 8, payload.length);
    return frame;
  }

  private static void readUpTo(InputStream in, String end) throws java.io.IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      read.append((char) in.read());
    }
  }
}
