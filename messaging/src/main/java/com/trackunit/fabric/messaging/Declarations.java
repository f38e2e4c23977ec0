// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;

/**
 * Declares a topology on a channel that is thrown away afterwards: a refused declaration closes its
 * channel.
 */
final class Declarations {
  private Declarations() {}

  @FunctionalInterface
  private interface Declaration {
    void on(Channel channel) throws IOException;
  }

  /**
   * Declares everything, blocking for one protocol call each.
   *
   * @throws TopologyConflictException if something exists with another definition
   * @throws RabbitUnavailableException if the broker refuses otherwise, or does not answer in time
   */
  static void declare(Topology topology, Connection connection) {
    if (topology.exchanges().isEmpty()
        && topology.queues().isEmpty()
        && topology.bindings().isEmpty()) {
      return;
    }
    Channel channel = open(connection);
    try {
      for (Topology.Exchange exchange : topology.exchanges().values()) {
        run(channel, exchange, c -> c.exchangeDeclare(exchange.name(), exchange.type(), true));
      }
      for (Topology.Queue queue : topology.queues().values()) {
        run(
            channel,
            queue,
            c -> c.queueDeclare(queue.name(), true, false, false, queue.arguments()));
      }
      for (Topology.Binding binding : topology.bindings()) {
        run(
            channel,
            binding,
            c -> c.queueBind(binding.queue(), binding.exchange(), binding.routingKey()));
      }
    } finally {
      close(channel);
    }
  }

  private static Channel open(Connection connection) {
    try {
      Channel channel = connection.createChannel();
      if (channel == null) {
        throw new RabbitUnavailableException(
            "apply topology: the connection has no channel left (channel_max "
                + connection.getChannelMax()
                + "); close unused publishers and consumers",
            null);
      }
      return channel;
    } catch (IOException | ShutdownSignalException e) {
      throw new RabbitUnavailableException(
          "apply topology: no channel (" + Causes.describe(e) + "); try again", e);
    }
  }

  private static void run(Channel channel, Object wanted, Declaration declaration) {
    try {
      declaration.on(channel);
    } catch (IOException | ShutdownSignalException e) {
      int code = Causes.code(e);
      if (code == AMQP.PRECONDITION_FAILED) {
        throw new TopologyConflictException(
            "apply topology", wanted.toString(), Causes.describe(e), e);
      }
      throw new RabbitUnavailableException(
          "apply topology: "
              + wanted
              + " was not declared ("
              + Causes.describe(e)
              + ")"
              + (code == AMQP.NOT_FOUND ? "; declare what it refers to first" : "; try again"),
          e);
    }
  }

  private static void close(Channel channel) {
    try {
      channel.abort();
    } catch (IOException | AlreadyClosedException e) {
      // It is closed, which is what was wanted.
    }
  }
}
