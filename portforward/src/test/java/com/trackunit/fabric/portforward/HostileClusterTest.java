// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.portforward.PortForwardException.Reason;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.kubernetes.ForwardFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** API servers, proxies and exec plugins that do what they should not. */
@ExtendWith(NoLeaks.class)
class HostileClusterTest {
  private final StandInCluster cluster = new StandInCluster();
  private FakeBroker broker;
  @TempDir private Path folder;

  @BeforeEach
  void startPod() throws IOException {
    broker = FakeBroker.echoing();
    cluster.pod("rabbitmq-0", broker.address()).ready(true);
  }

  @AfterEach
  void close() throws IOException {
    broker.close();
    cluster.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aForwardThatIsSpoiltIsUnreachable(ForwardFault fault) {
    cluster.api.spoilForwards(fault);
    PortForwardException e = refused(cluster.forward());
    assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(e.isRetryable()).isTrue();
  }

  @Test
  void anUpgradeThatAgreesToNoSubprotocolIsNamed() {
    cluster.api.spoilForwards(ForwardFault.NO_SUBPROTOCOL);
    assertThat(refused(cluster.forward())).hasMessageContaining("agreed to no subprotocol");
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_SUBPROTOCOL", "UNKNOWN_CHANNEL", "CUT_FRAME"})
  void aForwardThatIsSpoiltLaterRecovers(ForwardFault fault) throws IOException {
    try (ServicePortForward forward = cluster.forward().open()) {
      StandInCluster.greeted(forward).close();
      cluster.api.spoilForwards(fault);
      cluster.api.resetConnections();
      Socket spoilt = StandInCluster.dial(forward);
      await().atMost(Duration.ofSeconds(30)).until(() -> !forward.health().isUp());
      spoilt.close(); // not before: whoever leaves by himself is no reason to suspect a link

      cluster.api.spoilForwards(ForwardFault.NONE);
      await().atMost(Duration.ofSeconds(30)).until(() -> forward.health().isUp());
      StandInCluster.greeted(forward).close();
    }
  }

  @Test
  void closingWhileLinksAreDialledLeavesNothingOpen() throws Exception {
    for (int i = 0; i < 5; i++) {
      List<Socket> sockets = new ArrayList<>();
      try (ServicePortForward forward = cluster.forward().open()) {
        for (int dialled = 0; dialled < 8; dialled++) {
          sockets.add(StandInCluster.dial(forward));
        }
      }
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> broker.open() == 0);
  }

  @Test
  void aProxyIsUsedAsTheKubeconfigSays() throws IOException {
    try (ConnectProxy proxy = new ConnectProxy("")) {
      try (ServicePortForward forward = cluster.forward().kubeconfig(through(proxy, "")).open()) {
        StandInCluster.greeted(forward).close();
      }
      assertThat(proxy.tunnels()).isGreaterThan(1);
    }
  }

  @Test
  void aProxyThatAsksForCredentialsGetsNone() throws IOException {
    try (ConnectProxy proxy = new ConnectProxy("Basic bWU6bGVhaw==")) {
      PortForwardException e = refused(cluster.forward().kubeconfig(through(proxy, "me:leak@")));
      assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(trace(e)).doesNotContain("leak", "bGVhaw");
      assertThat(proxy.tunnels()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "printf 'token: leak'",
        "printf '{\"status\":{\"token\":\"leak\"'",
        "printf '[\"leak\"]'",
        "printf '{\"kind\":\"Other\",\"status\":\"leak\"}'",
        "printf '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",'"
            + "'\"status\":{\"token\":\"line\\\\nleak\"}}'",
        "true",
        "printf leak >&2; exit 3"
      })
  void anExecPluginsOddOutputIsNotQuoted(String command) throws IOException {
    Path plugin = Files.writeString(folder.resolve("plugin"), "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
    PortForwardException e = refused(cluster.forward().kubeconfig(exec(plugin)));
    assertThat(e.reason()).isIn(Reason.NO_CLUSTER, Reason.UNAUTHORIZED, Reason.UNREACHABLE);
    assertThat(trace(e)).doesNotContain("leak");
  }

  @Test
  void anExecPluginThatIsNotThereIsNoCluster() {
    PortForwardException e = refused(cluster.forward().kubeconfig(exec(folder.resolve("missing"))));
    assertThat(e.reason()).isIn(Reason.NO_CLUSTER, Reason.UNAUTHORIZED);
  }

  private Path through(ConnectProxy proxy, String credentials) {
    String server = "server: " + cluster.api.uri();
    return cluster.write(
        cluster
            .api
            .kubeconfig(cluster.user)
            .replace(
                server, server + "\n    proxy-url: http://" + credentials + proxy.authority()));
  }

  private static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private Path exec(Path plugin) {
    return cluster.write(
        cluster.api.kubeconfig(
            """
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: %s
                  interactiveMode: Never
            """
                .formatted(plugin)
                .indent(0)));
  }

  private static PortForwardException refused(ServicePortForward.Builder builder) {
    return catchThrowableOfType(
        PortForwardException.class, () -> builder.openTimeout(Duration.ofSeconds(1)).open());
  }
}
