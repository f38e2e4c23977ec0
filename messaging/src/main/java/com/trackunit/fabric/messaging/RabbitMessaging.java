// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import java.time.Duration;

/**
 * The way to one RabbitMQ: a publishing and a consuming connection, both supervised. When one is
 * lost, it is opened again after a jittered backoff, the topology is applied again, and publishers
 * and consumers go on.
 *
 * <p>Thread-safe. Whoever opened it closes it; that closes its publishers, consumers and channels.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class RabbitMessaging implements HealthSource, AutoCloseable {
  private RabbitMessaging() {}

  /**
   * Opens both connections. Blocks, trying again until the open timeout is over.
   *
   * @param settings where and who
   * @return an open messaging
   * @throws RabbitUnavailableException if the broker could not be reached in time
   * @throws RabbitAuthenticationException if the broker refused user, password or virtual host
   */
  public static RabbitMessaging open(RabbitSettings settings) {
    throw new UnsupportedOperationException();
  }

  /**
   * Declares exchanges, queues and bindings, and remembers them: they are declared again with every
   * new connection. Idempotent. Blocks.
   *
   * @param topology what shall exist
   * @throws TopologyConflictException if something exists with another definition
   * @throws RabbitUnavailableException if the broker is away or does not answer within the RPC
   *     timeout; nothing is remembered
   */
  public void apply(Topology topology) {
    throw new UnsupportedOperationException();
  }

  /**
   * Publishes to an exchange.
   *
   * @param exchange its name, or empty for the default exchange
   * @return a builder
   */
  public Publisher.Builder publisher(String exchange) {
    throw new UnsupportedOperationException();
  }

  /**
   * Consumes a queue.
   *
   * @param queue its name
   * @return a builder
   */
  public Consumer.Builder consumer(String queue) {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens a supervised channel, for engines that bring their own window. It opens in the
   * background.
   *
   * @param spec what it is for
   * @param events is told what happens on it
   * @return to be closed by the caller, or with this messaging
   */
  public SupervisedChannel openChannel(ChannelSpec spec, ChannelEvents events) {
    throw new UnsupportedOperationException();
  }

  /**
   * The state of both connections together.
   *
   * @return OPEN only if both are
   */
  public ResourceState state() {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds a listener for later changes of either connection; the change names which ({@code
   * rabbitmq:publishing}, {@code rabbitmq:consuming}). It runs on a worker thread.
   *
   * @param listener is told of each change
   */
  public void addStateListener(StateListener listener) {
    throw new UnsupportedOperationException();
  }

  /** Up if both connections are open, publishing is not blocked and every channel is live. */
  @Override
  public Health health() {
    throw new UnsupportedOperationException();
  }

  /**
   * Closes consumers, publishers, channels and connections, in this order. Closing twice does
   * nothing.
   *
   * @param timeout how long consumers and publishers may take to finish
   */
  public void close(Duration timeout) {
    throw new UnsupportedOperationException();
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }
}
