// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.channel;

import com.rabbitmq.client.AMQP;

/**
 * One generation (epoch) of a channel: the commands that go out. It is handed over by {@link
 * ChannelEvents#opened} and is of use until {@link ChannelEvents#closed} tells of the same epoch;
 * after that every command throws {@link StaleChannelException} and reaches nobody.
 *
 * <p>Publishing and settling are each safe from several threads; a publish takes its sequence
 * number and is written under one lock, so that numbers are in wire order. Commands may block while
 * the socket does, at most until the connection's write deadline, and never in a callback of {@link
 * ChannelEvents}.
 */
public interface ChannelPort {
  /**
   * Which generation this is.
   *
   * @return rises by at least one with every reopening
   */
  long epoch();

  /**
   * The sequence number that the next {@link #publish} of this epoch will get, counted from 1. Only
   * a caller that publishes from one thread, or under a lock of its own, can rely on it: it
   * registers the message under this number before it publishes, because the confirm may arrive
   * before {@link #publish} returns.
   *
   * @return the next sequence number
   */
  long nextSequence();

  /**
   * Publishes with the mandatory flag (but for a reply to a direct reply-to address, which the
   * broker would return although it has delivered it). What comes of it arrives as an event under
   * the sequence number returned. It also returns normally when the write fails half way: whether
   * the message arrived is unknown then, and {@link ChannelEvents#closed} follows.
   *
   * @param exchange the exchange, or empty for the default exchange
   * @param routingKey at most 255 bytes of UTF-8
   * @param properties sent as they are
   * @param body sent as it is; must not be changed afterwards
   * @return the sequence number, equal to what {@link #nextSequence} said
   * @throws StaleChannelException if this epoch is over; nothing was sent
   * @throws IllegalArgumentException if the message cannot be encoded (a header type AMQP 0-9-1 has
   *     no code for, headers beyond the frame size, a key too long); nothing was sent, no sequence
   *     number was taken, the channel is as good as before
   */
  long publish(String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body);

  /**
   * As {@link #publish}, but the message may wait in a buffer until that is full, or until {@link
   * #flush} or any other command of this connection: for a caller that publishes many at once.
   *
   * @param exchange as for {@link #publish}, like the others
   * @param routingKey the routing key
   * @param properties sent as they are
   * @param body sent as it is; must not be changed afterwards
   * @return as {@link #publish}
   * @throws StaleChannelException as {@link #publish}
   * @throws IllegalArgumentException as {@link #publish}
   */
  default long publishLater(
      String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
    return publish(exchange, routingKey, properties, body);
  }

  /** Sends what {@link #publishLater} has left in the buffer; without effect on an old epoch. */
  default void flush() {}

  /**
   * Acknowledges deliveries of this epoch.
   *
   * @param deliveryTag the tag
   * @param multiple true for all up to and including the tag
   * @throws StaleChannelException if this epoch is over; the broker will deliver them again
   */
  void ack(long deliveryTag, boolean multiple);

  /**
   * Ends a failed attempt ({@code basic.reject}); it counts towards a quorum queue's delivery
   * limit.
   *
   * @param deliveryTag the tag
   * @param requeue true to have it delivered again, false to dead-letter it
   * @throws StaleChannelException if this epoch is over
   */
  void reject(long deliveryTag, boolean requeue);

  /**
   * Gives a delivery back without fault ({@code basic.nack} with requeue).
   *
   * @param deliveryTag the tag
   * @throws StaleChannelException if this epoch is over
   */
  void release(long deliveryTag);

  /**
   * Asks the broker for an answer on this channel and waits for it, at most the connection's RPC
   * timeout: afterwards it is certain that the epoch was still live at some moment during the call,
   * and with it its consumer.
   *
   * @throws StaleChannelException if this epoch is over, or ended meanwhile
   */
  void roundTrip();

  /**
   * Throws this epoch away, without cancel, nack or release; {@link ChannelEvents#closed} follows,
   * then a new epoch is opened. For a user who has lost trust in the channel.
   *
   * @param reason for the log and for {@link ChannelEvents#closed}
   */
  void abandon(String reason);
}
