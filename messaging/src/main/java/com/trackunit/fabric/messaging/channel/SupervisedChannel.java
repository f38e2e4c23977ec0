// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.channel;

import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;

/**
 * A channel that comes back: whenever the broker, the network or its user ends one epoch, the next
 * one is opened after a jittered backoff, until {@link #close}. OPEN while an epoch is live,
 * RECOVERING between two epochs, with the reason (a connection away, a deleted queue).
 *
 * <p>Thread-safe. Whoever opened it closes it; closing the {@code RabbitMessaging} closes it too.
 */
public interface SupervisedChannel extends HealthSource, AutoCloseable {
  /**
   * The state now.
   *
   * @return never null
   */
  ResourceState state();

  /**
   * Adds a listener for later changes; it runs on the messaging's own worker threads.
   *
   * @param listener is told of each change
   */
  void addStateListener(StateListener listener);

  /**
   * Ends the channel for good, without cancel, nack or release; {@link ChannelEvents#closed} tells
   * of the live epoch, if there was one. Returns within the connection's RPC timeout; closing twice
   * does nothing. Not to be called in a callback of {@link ChannelEvents}.
   */
  @Override
  void close();
}
