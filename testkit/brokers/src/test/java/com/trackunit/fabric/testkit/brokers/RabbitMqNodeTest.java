// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("broker")
class RabbitMqNodeTest {
  @Test
  void keepsDurableMessagesOverKillAndRestart() throws Exception {
    try (RabbitMqNode rabbit = RabbitMqNode.start()) {
      try (Connection connection = connect(rabbit);
          Channel channel = connection.createChannel()) {
        channel.queueDeclare("kept", true, false, false, Map.of());
        channel.confirmSelect();
        channel.basicPublish(
            "", "kept", MessageProperties.PERSISTENT_BASIC, "one".getBytes(StandardCharsets.UTF_8));
        channel.waitForConfirmsOrDie(30_000);
        rabbit.kill();
      } catch (com.rabbitmq.client.AlreadyClosedException expected) {
        assertThat(expected).isNotNull();
      }
      rabbit.restart();
      try (Connection connection = connect(rabbit);
          Channel channel = connection.createChannel()) {
        GetResponse response = channel.basicGet("kept", true);
        assertThat(response.getBody()).asString().isEqualTo("one");
      }
    }
  }

  private static Connection connect(RabbitMqNode rabbit) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(rabbit.amqpUri());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }
}
