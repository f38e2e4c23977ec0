// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** RabbitMQ's own answers to a channel that publishes, under a trace. */
final class RealPublishing implements TracedBroker {
  private static final int NOT_FOUND = 404;

  private final Connection connection;
  private final Channel channel;
  private final Sightings sightings;
  private final String queue = Brokers.fresh("traced");
  private final String full = Brokers.fresh("full");

  RealPublishing(Brokers brokers, Duration quiet) throws Exception {
    sightings = new Sightings(quiet);
    connection = brokers.connect();
    channel = connection.createChannel();
    channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
    channel.queueDeclare(
        full,
        true,
        false,
        false,
        Map.of("x-max-length", 1, "x-overflow", "reject-publish", "x-queue-type", "classic"));
    channel.confirmSelect();
    channel.basicPublish("", full, MessageProperties.PERSISTENT_BASIC, new byte[] {1});
    channel.waitForConfirmsOrDie(30_000);
    long before = channel.getNextPublishSeqNo() - 1;
    channel.addConfirmListener(
        (tag, multiple) -> sightings.saw(tag - before + ": confirm"),
        (tag, multiple) -> sightings.saw(tag - before + ": nack"));
    channel.addReturnListener(
        returned -> sightings.saw(channel.getNextPublishSeqNo() - 1 - before + ": return"));
    channel.addShutdownListener(cause -> closed(cause, before));
  }

  private void closed(ShutdownSignalException cause, long before) {
    if (cause.getReason() instanceof AMQP.Channel.Close close
        && close.getReplyCode() == NOT_FOUND) {
      sightings.saw(channel.getNextPublishSeqNo() - 1 - before + ": dead_channel");
    }
  }

  @Override
  public List<String> does(List<String> words, List<String> expected) throws Exception {
    try {
      switch (words.get(1)) {
        case "queue" -> publish("", queue);
        case "unbound" -> publish("", "nobody.declared." + queue);
        case "full" -> publish("", full);
        case "nowhere" -> publish("nobody.declared." + queue, "");
        default -> throw new IllegalArgumentException(words.toString());
      }
    } catch (AlreadyClosedException e) {
      return sightings.take(0); // nothing is sent any more
    }
    return sightings.take(expected.size());
  }

  private void publish(String exchange, String key) throws Exception {
    channel.basicPublish(exchange, key, true, MessageProperties.PERSISTENT_BASIC, new byte[] {1});
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
