// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.kubernetes.ContainerPort;
import com.trackunit.fabric.testkit.kubernetes.Pod;
import com.trackunit.fabric.testkit.kubernetes.ServicePort;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ServicePortForwardTest {
  /** fabric8 needs the common pool, which from JDK 25 on has one thread on two processors. */
  private static final Executor ON_ITS_OWN = task -> new Thread(task).start();

  private final StandInCluster cluster = new StandInCluster();
  private FakeBroker broker;

  @BeforeEach
  void startBroker() throws IOException {
    broker = FakeBroker.echoing();
  }

  @AfterEach
  void close() throws IOException {
    broker.close();
    cluster.close();
  }

  @Test
  void bytesGoBothWaysAndTheAddressIsLoopback() throws Exception {
    cluster.pod("rabbitmq-0", broker.address()).ready(true);
    byte[] sent = new byte[3_000_000];
    new Random(1).nextBytes(sent);
    try (ServicePortForward forward = cluster.forward().open();
        Socket socket = StandInCluster.greeted(forward)) {
      assertThat(forward.address().getAddress().isLoopbackAddress()).isTrue();
      assertThat(forward.pod()).contains("rabbitmq-0");
      assertThat(forward.health().isUp()).isTrue();
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> send(socket, sent), ON_ITS_OWN);
      assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
      sending.get();
    }
  }

  @Test
  void anEndOfTheLocalSideStillLetsThePodAnswer() throws Exception {
    FakeBroker slow =
        new FakeBroker(
            socket -> {
              byte[] question = socket.getInputStream().readNBytes(4);
              socket.getOutputStream().write(question);
            });
    cluster.pod("rabbitmq-0", slow.address()).ready(true);
    try (slow;
        ServicePortForward forward = cluster.forward().open();
        Socket socket = StandInCluster.greeted(forward)) {
      socket.getOutputStream().write("ping".getBytes(UTF_8));
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8)).isEqualTo("ping");
    }
  }

  @Test
  void whatIsClosedLocallyIsReleasedAtThePod() throws Exception {
    Pod pod = cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (ServicePortForward forward =
        cluster.forward().halfCloseLinger(Duration.ofMillis(100)).open()) {
      await().until(() -> pod.forwards() == 0); // the probe has gone
      int quiet = cluster.api.connections();
      for (int i = 0; i < 20; i++) {
        StandInCluster.greeted(forward).close();
      }
      await()
          .untilAsserted(
              () -> {
                assertThat(pod.forwards()).isZero();
                assertThat(broker.open()).isZero();
                assertThat(forward.connections()).isZero();
                assertThat(cluster.api.connections()).isLessThanOrEqualTo(quiet);
              });
    }
  }

  @Test
  void whatThePodClosesIsReleasedHere() throws Exception {
    FakeBroker brief = new FakeBroker(socket -> {});
    Pod pod = cluster.pod("rabbitmq-0", brief.address()).ready(true);
    try (brief;
        ServicePortForward forward = cluster.forward().open()) {
      try (Socket socket = StandInCluster.greeted(forward)) {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
      await().until(() -> forward.connections() == 0 && pod.forwards() == 0);
      assertThat(forward.state()).isEqualTo(ResourceState.OPEN);
    }
  }

  @Test
  void aPodThatDoesNotReadHoldsTheSenderBack() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicLong read = new AtomicLong();
    FakeBroker stuck =
        new FakeBroker(
            socket -> {
              try {
                goOn.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              read.addAndGet(socket.getInputStream().transferTo(OutputStream.nullOutputStream()));
            });
    cluster.pod("rabbitmq-0", stuck.address()).ready(true);
    int total = 64 << 20;
    AtomicLong written = new AtomicLong();
    try (stuck;
        ServicePortForward forward = cluster.forward().open();
        Socket socket = StandInCluster.greeted(forward)) {
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                byte[] chunk = new byte[1 << 16];
                for (int sent = 0; sent < total; sent += chunk.length) {
                  send(socket, chunk);
                  written.addAndGet(chunk.length);
                }
              },
              ON_ITS_OWN);
      long[] before = {-1};
      await() // until the sender stands still
          .pollInterval(Duration.ofMillis(500))
          .until(() -> before[0] == (before[0] = written.get()));
      assertThat(written.get()).isLessThan(total / 2);
      goOn.countDown();
      sending.get();
      socket.shutdownOutput();
      await().untilAsserted(() -> assertThat(read.get()).isEqualTo(total));
    }
  }

  @Test
  void aReplacedPodIsFollowedAndTheAddressStays() throws Exception {
    Pod first = cluster.pod("rabbitmq-0", broker.address()).ready(true);
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (FakeBroker other = FakeBroker.saying("second");
        ServicePortForward forward = cluster.forward().meters(meters).open()) {
      int port = forward.address().getPort();
      Socket old = StandInCluster.greeted(forward);
      first.delete();
      assertThat(ended(old)).isTrue();
      await().until(() -> forward.state() == ResourceState.RECOVERING);
      assertThat(forward.health().isUp()).isFalse();
      assertThat(forward.health().detail())
          .containsAnyOf("no pod is ready", "is not ready any more");

      CompletableFuture<String> waiting = // dials before there is a pod, and waits for it
          CompletableFuture.supplyAsync(() -> firstWord(forward), ON_ITS_OWN);
      cluster.pod("rabbitmq-0", other.address()).ready(true);

      assertThat(waiting.get()).isEqualTo("second");
      assertThat(forward.address().getPort()).isEqualTo(port);
      assertThat(forward.state()).isEqualTo(ResourceState.OPEN);
      assertThat(meters.get("fabric.portforward.pod.changes").counter().count()).isEqualTo(1);
      assertThat(
              meters.get("fabric.portforward.bytes").tag("direction", "to_pod").counter().count())
          .isPositive();
      old.close();
    }
  }

  @Test
  void aPodThatStopsBeingReadyKeepsItsConnectionsAndGetsNoNewOnes() throws Exception {
    Pod first = cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (FakeBroker other = FakeBroker.saying("second");
        ServicePortForward forward = cluster.forward().open();
        Socket old = StandInCluster.greeted(forward)) {
      cluster.pod("rabbitmq-1", other.address()).ready(true);
      first.terminate();
      await().until(() -> forward.pod().filter("rabbitmq-1"::equals).isPresent());
      assertThat(firstWord(forward)).isEqualTo("second");
      old.getOutputStream().write("still".getBytes(UTF_8));
      assertThat(new String(old.getInputStream().readNBytes(5), UTF_8)).isEqualTo("still");
    }
  }

  @Test
  void aBrokenLinkIsAResetAndNewOnesAreMade() throws Exception {
    cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (ServicePortForward forward = cluster.forward().open();
        Socket old = StandInCluster.greeted(forward)) {
      cluster.api.resetConnections();
      assertThatThrownBy(() -> old.getInputStream().read()).isInstanceOf(IOException.class);
      StandInCluster.greeted(forward).close();
    }
  }

  @Test
  void anOutageOfTheApiServerIsSeenAndSurvived() throws Exception {
    cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (ServicePortForward forward = cluster.forward().open()) {
      cluster.api.outage(true);
      await().until(() -> forward.state() == ResourceState.RECOVERING);
      cluster.api.outage(false);
      await().until(() -> forward.state() == ResourceState.OPEN);
      StandInCluster.greeted(forward).close();
    }
  }

  @Test
  void aLinkThatGivesNoSignOfLifeIsCut() throws Exception {
    cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (ServicePortForward forward =
            cluster.forward().pingInterval(Duration.ofMillis(300)).open();
        Socket socket = StandInCluster.greeted(forward)) {
      for (int i = 0; i < 3; i++) { // pongs keep an idle one alive
        await().pollDelay(Duration.ofMillis(300)).until(() -> true);
        socket.getOutputStream().write('x');
        assertThat(socket.getInputStream().read()).isEqualTo('x');
      }
      cluster.api.freeze(true);
      socket.getOutputStream().write('x');
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
      cluster.api.freeze(false);
    }
  }

  @Test
  void aForgottenHistoryIsListedAnew() throws Exception {
    Pod first = cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (FakeBroker other = FakeBroker.saying("second");
        ServicePortForward forward = cluster.forward().open()) {
      cluster.api.compact();
      cluster.api.resetConnections(); // the watch begins again from before the compaction
      first.delete();
      cluster.pod("rabbitmq-1", other.address()).ready(true);
      await().until(() -> forward.pod().filter("rabbitmq-1"::equals).isPresent());
    }
  }

  @Test
  void aTargetPortByNameIsEachPodsOwnNumber() throws Exception {
    cluster
        .api
        .createPod(
            "messaging",
            "rabbitmq-0",
            StandInCluster.LABELS,
            new ContainerPort("amqp", 15_672, broker.address()))
        .ready(true);
    try (ServicePortForward forward = cluster.forward().open()) {
      StandInCluster.greeted(forward).close();
    }
  }

  @Test
  void aPortByNumberAndATargetPortByNumberWork() throws Exception {
    cluster.api.createService(
        "messaging", "plain", StandInCluster.LABELS, new ServicePort("", 80, "5672"));
    cluster.pod("rabbitmq-0", broker.address()).ready(true);
    try (ServicePortForward forward = cluster.forward("messaging", "plain", "80").open()) {
      StandInCluster.greeted(forward).close();
    }
  }

  @Test
  void closingResetsConnectionsAndFreesThePort() throws Exception {
    Pod pod = cluster.pod("rabbitmq-0", broker.address()).ready(true);
    ServicePortForward forward = cluster.forward().open();
    Socket socket = StandInCluster.greeted(forward);
    forward.close();
    forward.close();
    assertThat(ended(socket)).isTrue();
    assertThat(forward.state()).isEqualTo(ResourceState.CLOSED);
    assertThatThrownBy(() -> StandInCluster.dial(forward)).isInstanceOf(IOException.class);
    await().until(() -> pod.forwards() == 0);
    socket.close();
  }

  private static void send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String firstWord(ServicePortForward forward) {
    try (Socket socket = StandInCluster.greeted(forward)) {
      return new String(socket.getInputStream().readNBytes(6), UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }
}
