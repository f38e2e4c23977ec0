// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FaultProxyTest {
  private static final int SECONDS_30 = 30_000;

  private EchoServer echo;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new EchoServer();
    proxy = FaultProxy.before("127.0.0.1", echo.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    proxy.close();
    echo.close();
  }

  @Test
  void forwardsBothWaysAndCountsConnections() throws IOException {
    try (Socket one = connect();
        Socket two = connect()) {
      assertThat(echoed(one, "hello")).isEqualTo("hello");
      assertThat(echoed(two, "world")).isEqualTo("world");
      assertThat(proxy.connections()).isEqualTo(2);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> proxy.connections() == 0);
  }

  @Test
  void endOfOneDirectionLeavesTheOtherOpen() throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write("last words".getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("last words");
    }
  }

  @Test
  void cutEndsOpenConnectionsAndTakesNewOnes() throws IOException {
    try (Socket before = connect()) {
      assertThat(echoed(before, "a")).isEqualTo("a");
      proxy.cut();
      assertThat(before.getInputStream().read()).isEqualTo(-1);
      try (Socket after = connect()) {
        assertThat(echoed(after, "b")).isEqualTo("b");
      }
    }
  }

  @Test
  void refuseTurnsNewConnectionsAwayUntilHealed() throws IOException {
    try (Socket before = connect()) {
      assertThat(echoed(before, "a")).isEqualTo("a");
      proxy.refuse();
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      assertThat(echoed(before, "still")).isEqualTo("still");
    }
    proxy.heal();
    try (Socket after = connect()) {
      assertThat(echoed(after, "b")).isEqualTo("b");
    }
  }

  @Test
  void halfOpenHoldsEverythingBackUntilHealed() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoed(socket, "a")).isEqualTo("a");
      proxy.halfOpen();
      socket.getOutputStream().write('b');
      socket.setSoTimeout(300);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      echo.closeConnections();
      assertThatThrownBy(() -> socket.getInputStream().read())
          .as("not even the end comes through")
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(proxy.connections()).isEqualTo(1);
    }
  }

  @Test
  void whatWasHeldBackComesThroughOnceHealed() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoed(socket, "a")).isEqualTo("a");
      proxy.halfOpen();
      socket.getOutputStream().write('b');
      proxy.heal();
      assertThat(socket.getInputStream().read()).isEqualTo('b');
    }
  }

  @Test
  void resetAfterLetsExactlySoManyBytesThrough() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoed(socket, "warm")).isEqualTo("warm");
      proxy.resetAfter(15);
      // Ten bytes there and five of the ten back.
      socket.getOutputStream().write(new byte[10]);
      assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
      assertThat(echo.received()).isEqualTo(4 + 10);
    }
  }

  @Test
  void resetAfterHoldsForLaterConnectionsUntilHealed() throws IOException {
    proxy.resetAfter(0);
    try (Socket socket = connect()) {
      assertThatThrownBy(() -> echoed(socket, "x")).isInstanceOf(SocketException.class);
    }
    assertThat(echo.received()).isZero();
    proxy.heal();
    try (Socket socket = connect()) {
      assertThat(echoed(socket, "x")).isEqualTo("x");
    }
  }

  @Test
  void slowTakesItsTime() throws IOException {
    try (Socket socket = connect()) {
      assertThat(echoed(socket, "a")).isEqualTo("a");
      proxy.slow(1_000);
      long start = System.nanoTime();
      assertThat(echoed(socket, "x".repeat(500))).hasSize(500);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
    }
  }

  @Test
  void unreachableServerLooksLikeAReset() throws IOException {
    try (FaultProxy lonely = FaultProxy.before("127.0.0.1", FreePorts.next());
        Socket socket = new Socket(lonely.host(), lonely.port())) {
      socket.setSoTimeout(SECONDS_30);
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void mistakesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.slow(0))
        .withMessageContaining("bytesPerSecond is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.resetAfter(-1))
        .withMessageContaining("bytes is -1");
    proxy.close();
    assertThatThrownBy(proxy::heal).isInstanceOf(IllegalStateException.class);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(proxy.host(), proxy.port());
    socket.setSoTimeout(SECONDS_30);
    return socket;
  }

  private static String echoed(Socket socket, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    socket.getOutputStream().write(bytes);
    return new String(socket.getInputStream().readNBytes(bytes.length), StandardCharsets.US_ASCII);
  }
}
