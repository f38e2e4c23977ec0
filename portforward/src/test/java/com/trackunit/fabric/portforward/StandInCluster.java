// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.testkit.kubernetes.ApiServerStandIn;
import com.trackunit.fabric.testkit.kubernetes.ContainerPort;
import com.trackunit.fabric.testkit.kubernetes.Pod;
import com.trackunit.fabric.testkit.kubernetes.ServicePort;
import com.trackunit.fabric.testkit.kubernetes.User;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** A cluster with a Service {@code messaging/rabbitmq}, and a user with the guide's Role. */
final class StandInCluster implements AutoCloseable {
  static final Map<String, String> LABELS = Map.of("app.kubernetes.io/name", "rabbitmq");

  final ApiServerStandIn api = ApiServerStandIn.start();
  final User user = api.user("system:serviceaccount:bridge:bridge");
  private final Path folder;

  StandInCluster() {
    api.createNamespace("messaging");
    api.createService("messaging", "rabbitmq", LABELS, new ServicePort("amqp", 5672, "amqp"));
    try {
      grant(guidesRole());
      folder = Files.createTempDirectory("kubeconfig");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Role guidesRole() throws IOException {
    Path root = Path.of(Objects.requireNonNull(System.getProperty("fabric.root"), "fabric.root"));
    String guide = Files.readString(root.resolve("docs/guides/port-forward.md"));
    int begin = guide.indexOf("```yaml") + "```yaml".length();
    return Serialization.unmarshal(guide.substring(begin, guide.indexOf("```", begin)), Role.class);
  }

  private void grant(Role role) {
    for (PolicyRule rule : role.getRules()) {
      String group = rule.getApiGroups().get(0);
      for (String resource : rule.getResources()) {
        user.may(
            role.getMetadata().getNamespace(),
            group.isEmpty() ? resource : resource + "." + group,
            rule.getVerbs().toArray(String[]::new));
      }
    }
  }

  Pod pod(String name, InetSocketAddress backend) {
    return api.createPod("messaging", name, LABELS, new ContainerPort("amqp", 5672, backend));
  }

  Path kubeconfig() {
    return write(api.kubeconfig(user));
  }

  Path write(String kubeconfig) {
    try {
      return Files.writeString(folder.resolve("config"), kubeconfig);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ServicePortForward.Builder forward() {
    return forward("messaging", "rabbitmq", "amqp");
  }

  /** Impatient, as nothing here is far away. */
  ServicePortForward.Builder forward(String namespace, String service, String port) {
    return ServicePortForward.builder(namespace, service, port)
        .kubeconfig(kubeconfig())
        .openTimeout(Duration.ofSeconds(20))
        .backoffLimit(Duration.ofMillis(500));
  }

  static Socket dial(ServicePortForward forward) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(20_000);
    socket.connect(forward.address());
    return socket;
  }

  static Socket greeted(ServicePortForward forward) throws IOException {
    Socket socket = dial(forward);
    FakeBroker.greet(socket);
    return socket;
  }

  @Override
  public void close() {
    api.close();
  }
}
