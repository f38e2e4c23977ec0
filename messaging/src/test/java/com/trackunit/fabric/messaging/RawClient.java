// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.util.Map;

/** A plain amqp-client, for what our API does not do on purpose: deleting, odd declarations. */
final class RawClient implements AutoCloseable {
  private final Connection connection;
  private final Channel channel;

  private RawClient(Connection connection, Channel channel) {
    this.connection = connection;
    this.channel = channel;
  }

  static RawClient connect(RabbitMqNode node) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(node.amqpUri());
    Connection connection = factory.newConnection("raw");
    return new RawClient(connection, connection.createChannel());
  }

  Channel channel() {
    return channel;
  }

  void declare(String queue, Map<String, Object> arguments) throws IOException {
    channel.queueDeclare(queue, true, false, false, arguments);
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
