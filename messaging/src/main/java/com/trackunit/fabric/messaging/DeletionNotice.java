// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a consumer has to make the broker tell it that its queue was deleted. RabbitMQ 3 does not
 * tell it of a quorum queue that somebody declares anew at the same moment.
 *
 * <p>It subscribes the channel to the new queue by itself then, and drops what the new queue sends,
 * because it forgets the queue's state for this channel afterwards ({@code
 * rabbit_channel:handle_consuming_queue_down_or_eol}, in every 3.x). Nothing can be seen from
 * outside: the queue counts a consumer, and its messages are not ready but handed out. But the
 * broker refuses a quorum queue to a channel that has a prefetch for all its consumers together,
 * and where its own attempt is refused, it sends the {@code basic.cancel} that is due. So a
 * consumer sets such a prefetch when it has subscribed; a quorum queue ignores it. RabbitMQ 4
 * always tells; so do classic queues and streams, and a classic queue would count each message for
 * that prefetch, which took it a third of its speed.
 *
 * <p>Used on the connection's task queue, but for {@link #forget}.
 */
final class DeletionNotice {
  private volatile @Nullable Boolean quorum; // null while nobody knows

  /** The queue is another one from now on. */
  void forget() {
    quorum = null;
  }

  /**
   * Before {@code basic.consume}; may ask the broker, once.
   *
   * @param known the queue, if this messaging has declared it
   */
  boolean isNeeded(Connection connection, String queue, Topology.@Nullable Queue known)
      throws IOException {
    if (!isRabbitMq3(connection.getServerProperties())) {
      return false;
    }
    if (known != null) {
      return known.isQuorum();
    }
    if (quorum == null) {
      quorum = ask(connection, queue);
    }
    return Boolean.TRUE.equals(quorum);
  }

  static boolean isRabbitMq3(Map<String, Object> server) {
    return "RabbitMQ".equals(String.valueOf(server.get("product")))
        && String.valueOf(server.get("version")).startsWith("3.");
  }

  /**
   * The refusal of an argument names the type of the queue; there is no other way to ask for it.
   * Null if it was refused for another reason, which the subscription itself will show.
   */
  private static @Nullable Boolean ask(Connection connection, String queue) throws IOException {
    Channel channel = connection.createChannel();
    if (channel == null) {
      return null;
    }
    try {
      // No boolean, so that a classic queue, which knows this argument, refuses it as well.
      Map<String, Object> refused = Map.of("x-cancel-on-ha-failover", "which type");
      channel.basicConsume(queue, false, "", false, false, refused, new DefaultConsumer(channel));
      return false;
    } catch (IOException e) {
      return Causes.code(e) == AMQP.PRECONDITION_FAILED
          ? (Boolean) Causes.describe(e).contains("of queue type rabbit_quorum_queue")
          : null;
    } finally {
      if (channel.isOpen()) {
        channel.abort();
      }
    }
  }
}
