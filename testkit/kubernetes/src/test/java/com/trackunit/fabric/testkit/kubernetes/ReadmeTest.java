// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The lines of the README, run. */
class ReadmeTest {
  private static final Map<String, String> LABELS = Map.of("app", "rabbitmq");

  @Test
  void aPodComesAndGoes() throws IOException {
    try (Echo echo = new Echo()) {
      run(echo.address());
    }
  }

  private static void run(InetSocketAddress broker) {
    try (ApiServerStandIn api = ApiServerStandIn.start()) {
      User bridge = api.user("bridge").mayDoAnything();
      api.createNamespace("messaging");
      api.createService("messaging", "rabbitmq", LABELS, new ServicePort("amqp", 5672, "amqp"));
      Pod pod =
          api.createPod("messaging", "rabbitmq-0", LABELS, new ContainerPort("amqp", 5672, broker));
      pod.ready(true);
      use(api.kubeconfig(bridge));
      pod.delete(); // its connections end, its endpoint goes
    }
  }

  private static void use(String kubeconfig) {
    assertThat(kubeconfig).contains("certificate-authority-data");
  }
}
