// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.channel;

import com.rabbitmq.client.AMQP;

/**
 * What happens on a supervised channel: the events that come in. For each epoch the order is {@link
 * #opened}, then any of the others, then {@link #closed} exactly once; no event of an epoch arrives
 * after its {@code closed}.
 *
 * <p>Callbacks run on threads of the connection (mostly its reader thread), one at a time for one
 * channel. They must not block, throw or use the {@link ChannelPort}: hand the event to a thread or
 * mailbox of your own. A callback that throws ends the epoch.
 */
public interface ChannelEvents {
  /**
   * A new epoch; the topology of the connection has been applied before.
   *
   * @param channel the commands of this epoch
   */
  void opened(ChannelPort channel);

  /**
   * The broker has taken responsibility for a message, or for all up to one.
   *
   * @param epoch the epoch
   * @param sequence the sequence number of {@link ChannelPort#publish}
   * @param multiple true for all up to and including it
   */
  default void confirmed(long epoch, long sequence, boolean multiple) {}

  /**
   * The broker has refused a message, or all up to one ({@code basic.nack}).
   *
   * @param epoch the epoch
   * @param sequence the sequence number of {@link ChannelPort#publish}
   * @param multiple true for all up to and including it
   */
  default void nacked(long epoch, long sequence, boolean multiple) {}

  /**
   * A mandatory message could not be routed. It is confirmed afterwards all the same: whoever
   * publishes remembers the return under the message id and reads the confirm as Returned.
   *
   * @param epoch the epoch
   * @param replyCode the broker's code, such as 312 (no route)
   * @param replyText the broker's text
   * @param exchange the exchange
   * @param routingKey the routing key
   * @param properties as published
   */
  default void returned(
      long epoch,
      int replyCode,
      String replyText,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties) {}

  /**
   * A message for a consumer of this channel. More may follow at once: wake who handles it when
   * {@link #batchDelivered} says that all have come that have arrived.
   *
   * @param epoch the epoch
   * @param deliveryTag the tag to settle it with
   * @param redelivered the broker's flag
   * @param exchange where it was published
   * @param routingKey with which key
   * @param properties as published
   * @param body as published
   */
  default void delivered(
      long epoch,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body) {}

  /**
   * After one or more {@link #delivered}: the connection is about to wait for the network, and has
   * nothing more for now.
   *
   * @param epoch the epoch
   */
  default void batchDelivered(long epoch) {}

  /**
   * The broker accepts nothing for now (a memory or disk alarm): publishing has to wait.
   *
   * @param reason the broker's text
   */
  default void blocked(String reason) {}

  /** The alarm is over. */
  default void unblocked() {}

  /**
   * The epoch is over: whatever it had outstanding is Unknown, and its deliveries will come again.
   * A new epoch follows by itself unless the channel was closed by its owner.
   *
   * @param epoch the epoch
   * @param reason why, with the broker's code and text where it said any
   */
  void closed(long epoch, String reason);
}
