// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.util.Map;

/**
 * A plain amqp-client: for what our API does not do on purpose (deleting, odd declarations), and to
 * show what the naive solution does.
 */
final class RawClient implements AutoCloseable {
  private final Connection connection;
  private final Channel channel;

  private RawClient(Connection connection, Channel channel) {
    this.connection = connection;
    this.channel = channel;
  }

  static RawClient connect(RabbitMqNode node) throws Exception {
    return connect(factory(node, false));
  }

  /** As amqp-client comes: with its own recovery. */
  static RawClient recovering(RabbitMqNode node) throws Exception {
    ConnectionFactory factory = factory(node, true);
    factory.setNetworkRecoveryInterval(200);
    return connect(factory);
  }

  static RawClient withoutHeartbeat(RabbitMqNode node, int port) throws Exception {
    ConnectionFactory factory = factory(node, false);
    factory.setPort(port);
    factory.setRequestedHeartbeat(0);
    return connect(factory);
  }

  private static ConnectionFactory factory(RabbitMqNode node, boolean recovery) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(node.amqpUri());
    factory.setAutomaticRecoveryEnabled(recovery);
    return factory;
  }

  private static RawClient connect(ConnectionFactory factory) throws Exception {
    Connection connection = factory.newConnection("raw");
    return new RawClient(connection, connection.createChannel());
  }

  Channel channel() {
    return channel;
  }

  /** One more channel on the same connection. */
  @SuppressWarnings("NullAway") // amqp-client answers null when there is none left
  Channel another() throws IOException {
    return connection.createChannel();
  }

  void declare(String queue, Map<String, Object> arguments) throws IOException {
    channel.queueDeclare(queue, true, false, false, arguments);
  }

  /** Ends the connection, whatever it is doing; it asks for a second at most. */
  void abort() {
    connection.abort(1000);
  }

  @Override
  public void close() throws IOException {
    if (connection.isOpen()) {
      connection.close();
    }
  }
}
