// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.trackunit.fabric.portforward.PortForwardException.Reason;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.kubernetes.User;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way in which opening fails, and what it says. */
@ExtendWith(NoLeaks.class)
class OpenFailuresTest {
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

  private static PortForwardException refused(ServicePortForward.Builder builder) {
    return catchThrowableOfType(
        PortForwardException.class, () -> builder.openTimeout(Duration.ofSeconds(1)).open());
  }

  @Test
  void noSuchNamespace() {
    cluster.user.mayDoAnything();
    PortForwardException e = refused(cluster.forward("massaging", "rabbitmq", "amqp"));
    assertThat(e.reason()).isEqualTo(Reason.NO_SUCH_NAMESPACE);
    assertThat(e).hasMessageContaining("no namespace massaging");
    assertThat(e.isRetryable()).isFalse();
  }

  @Test
  void noSuchService() {
    PortForwardException e = refused(cluster.forward("messaging", "rabitmq", "amqp"));
    assertThat(e.reason()).isEqualTo(Reason.NO_SUCH_SERVICE);
    assertThat(e).hasMessageContaining("get services rabitmq in namespace messaging");
  }

  @Test
  void noSuchPortNamesThoseThereAre() {
    PortForwardException e = refused(cluster.forward("messaging", "rabbitmq", "15672"));
    assertThat(e.reason()).isEqualTo(Reason.NO_SUCH_PORT);
    assertThat(e).hasMessageContaining("amqp=5672 to amqp");
  }

  @Test
  void noReadyPod() {
    cluster.api.createService(
        "messaging",
        "lonely",
        java.util.Map.of("app", "nobody"),
        new com.trackunit.fabric.testkit.kubernetes.ServicePort("amqp", 5672, "amqp"));
    PortForwardException e = refused(cluster.forward("messaging", "lonely", "amqp"));
    assertThat(e.reason()).isEqualTo(Reason.NO_READY_POD);
    assertThat(e.isRetryable()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "services, get",
    "endpointslices.discovery.k8s.io, list",
    "endpointslices.discovery.k8s.io, watch",
    "pods/portforward, get",
    "pods/portforward, create"
  })
  void aMissingRightNamesVerbAndResource(String resource, String verb) {
    cluster.user.mayNot("messaging", resource, verb);
    PortForwardException e = refused(cluster.forward());
    assertThat(e.reason()).isEqualTo(Reason.FORBIDDEN);
    AccessForbiddenException forbidden = (AccessForbiddenException) e;
    assertThat(forbidden.verb()).isEqualTo(verb);
    assertThat(resource).startsWith(forbidden.resource());
    assertThat(e).hasMessageContaining("the verb " + verb + " on " + forbidden.resource());
  }

  @Test
  void anEndedTokenIsUnauthorised() {
    ServicePortForward.Builder builder = cluster.forward();
    cluster.user.renewToken();
    assertThat(refused(builder).reason()).isEqualTo(Reason.UNAUTHORIZED);
  }

  @Test
  void aPodThatRefusesIsUnreachableAndSaysWhy() throws IOException {
    InetSocketAddress nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    StandInCluster other = new StandInCluster();
    try (other) {
      other.pod("rabbitmq-0", nobody).ready(true);
      PortForwardException e = refused(other.forward());
      assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(e).hasMessageContaining("error forwarding port 5672 to pod rabbitmq-0");
    }
  }

  @Test
  void aPodThatSpeaksSomethingElseIsTheWrongProtocol() {
    ProtocolProbe other =
        ProtocolProbe.of("something else", new byte[8], received -> ProtocolProbe.Verdict.BAD);
    assertThat(refused(cluster.forward().probe(other)).reason()).isEqualTo(Reason.WRONG_PROTOCOL);
  }

  @Test
  void aKubeconfigCannotSwitchVerificationOff() throws IOException {
    String insecure =
        cluster
            .api
            .kubeconfig(cluster.user)
            .replaceAll("certificate-authority-data: .*", "insecure-skip-tls-verify: true");
    ServicePortForward.Builder builder = cluster.forward().kubeconfig(cluster.write(insecure));
    PortForwardException e = refused(builder);
    assertThat(e.reason()).isEqualTo(Reason.INSECURE);
    assertThat(e).hasMessageContaining("insecure-skip-tls-verify");
    assertThat(cluster.api.requests()).isZero();

    builder.allowInsecureTls().openTimeout(Duration.ofSeconds(20)).open().close();
  }

  @Test
  void aCertificateOfAnotherAuthorityIsNotTrusted() {
    StandInCluster other = new StandInCluster();
    try (other) {
      String mixed =
          cluster
              .api
              .kubeconfig(cluster.user)
              .replaceAll(
                  "certificate-authority-data: .*",
                  other
                      .api
                      .kubeconfig(other.user)
                      .lines()
                      .filter(line -> line.contains("certificate-authority-data"))
                      .findFirst()
                      .orElseThrow()
                      .strip());
      PortForwardException e = refused(cluster.forward().kubeconfig(cluster.write(mixed)));
      assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(e).hasStackTraceContaining("PKIX path");
    }
  }

  @Test
  void aContextThatIsNotThereIsNoOtherContext() {
    PortForwardException e = refused(cluster.forward().context("production"));
    assertThat(e.reason()).isEqualTo(Reason.NO_CLUSTER);
    assertThat(e).hasMessageContaining("no context production");
  }

  @Test
  void noKubeconfigIsNoCluster() {
    PortForwardException e = refused(cluster.forward().kubeconfig(folder.resolve("missing")));
    assertThat(e.reason()).isEqualTo(Reason.NO_CLUSTER);
  }

  @Test
  void aClientCertificateIsTaken() {
    User admin = cluster.api.user("admin").mayDoAnything();
    Path file = cluster.write(cluster.api.kubeconfigWithCertificate(admin));
    cluster.forward().kubeconfig(file).open().close();
  }

  @Test
  void anExecPluginIsAskedAgainWhenItsTokenHasEnded() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), cluster.user.token().reveal());
    Path plugin = folder.resolve("plugin");
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
        printf '"status":{"token":"%%s"}}' "$(cat %s)"
        """
            .formatted(token));
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
    String kubeconfig =
        cluster.api.kubeconfig(
            """
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: %s
                  interactiveMode: Never
            """
                .formatted(plugin)
                .indent(0));
    try (ServicePortForward forward =
        cluster.forward().kubeconfig(cluster.write(kubeconfig)).open()) {
      Files.writeString(token, cluster.user.renewToken().reveal());
      StandInCluster.greeted(forward).close(); // dialled with the ended token, then the new one
    }
  }

  @Test
  void aServiceAccountIsTaken() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), cluster.user.token().reveal());
    Path authority =
        Files.writeString(folder.resolve("ca.crt"), cluster.api.certificateAuthorityPem());
    java.util.Map<String, String> pod =
        java.util.Map.of(
            "kubernetes.auth.tryKubeConfig",
            "false",
            "kubernetes.auth.serviceAccount.token",
            token.toString(),
            "kubernetes.certs.ca.file",
            authority.toString(),
            Config.KUBERNETES_SERVICE_HOST_PROPERTY,
            "127.0.0.1",
            Config.KUBERNETES_SERVICE_PORT_PROPERTY,
            Integer.toString(cluster.api.uri().getPort()));
    pod.forEach(System::setProperty);
    try {
      ServicePortForward.open("messaging", "rabbitmq", 5672).close();
    } finally {
      pod.keySet().forEach(System::clearProperty);
    }
  }

  @Test
  void badOptionsAreRefusedAtOnce() {
    assertThatThrownBy(() -> ServicePortForward.builder("a/b", "rabbitmq", "amqp"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("namespace is 'a/b'");
    assertThatThrownBy(() -> ServicePortForward.builder("messaging", "rabbitmq", "70000"))
        .hasMessageContaining("port is 70000");
    assertThatThrownBy(() -> cluster.forward().maxConnections(0))
        .hasMessageContaining("maxConnections is 0, expected 1 to 10000");
    assertThatThrownBy(() -> cluster.forward().pingInterval(Duration.ZERO))
        .hasMessageContaining("pingInterval is PT0S");
    assertThatThrownBy(() -> cluster.forward().backoffLimit(Duration.ofMillis(1)))
        .hasMessageContaining("backoffLimit is PT0.001S");
  }
}
