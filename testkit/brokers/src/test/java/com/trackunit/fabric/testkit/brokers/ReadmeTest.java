// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.core.Secret;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
@Tag("broker")
class ReadmeTest {
  private final List<Connection> connections = new ArrayList<>();

  @Test
  void theyCutAClientOff() throws Exception {
    try (RabbitMqNode rabbit = RabbitMqNode.start();
        FaultProxy proxy = FaultProxy.before(rabbit.host(), rabbit.port())) {
      connectTo(proxy.host(), proxy.port(), rabbit.user(), rabbit.password());
      proxy.halfOpen();
      rabbit.kill();
      assertThat(connections).singleElement().matches(Connection::isOpen, "sees nothing of it");
      assertThatThrownBy(
              () -> connectTo(rabbit.host(), rabbit.port(), rabbit.user(), rabbit.password()))
          .isInstanceOf(ConnectException.class);
    }
    connections.forEach(Connection::abort);
  }

  private void connectTo(String host, int port, String user, Secret password) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setUsername(user);
    factory.setPassword(password.reveal());
    connections.add(factory.newConnection());
  }
}
