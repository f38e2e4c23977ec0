// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lines of the README and of the guide, run against a real broker. */
@Tag("broker")
class ReadmeTest {
  @Test
  void messagingGoesThroughTheForward() {
    try (RabbitMqNode broker = RabbitMqNode.start();
        StandInCluster cluster = new StandInCluster()) {
      cluster.pod("rabbitmq-0", new InetSocketAddress(broker.host(), broker.port())).ready(true);
      System.setProperty("kubeconfig", cluster.kubeconfig().toString());
      readme(broker.user(), broker.password());
      guide(cluster.kubeconfig(), broker.user(), broker.password());
    } finally {
      System.clearProperty("kubeconfig");
    }
  }

  private static void readme(String user, Secret password) {
    try (ServicePortForward forward = ServicePortForward.open("messaging", "rabbitmq", "amqp")) {
      RabbitSettings settings = RabbitSettings.builder(forward::address, user, password).build();
      use(settings, forward.health());
    }
  }

  private static void guide(Path kubeconfig, String user, Secret password) {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    ServicePortForward forward =
        ServicePortForward.builder("messaging", "rabbitmq", "amqp")
            .kubeconfig(kubeconfig)
            .meters(meters)
            .open();
    RabbitSettings settings = RabbitSettings.builder(forward::address, user, password).build();
    use(settings, forward.health());
    forward.close();
  }

  private static void use(RabbitSettings settings, Health health) {
    assertThat(health.isUp()).isTrue();
    try (RabbitMessaging messaging = RabbitMessaging.open(settings)) {
      assertThat(messaging.health().isUp()).isTrue();
    }
  }
}
