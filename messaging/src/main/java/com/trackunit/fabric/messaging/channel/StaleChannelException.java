// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.channel;

import com.trackunit.fabric.core.FabricException;

/** The epoch that a command was for is over; the command reached nobody. */
public final class StaleChannelException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final long epoch;

  /**
   * For one command.
   *
   * @param operation what was asked for, such as {@code ack of delivery 7}
   * @param epoch the epoch that is over
   * @param reason why it ended
   */
  public StaleChannelException(String operation, long epoch, String reason) {
    super(
        operation
            + ": channel epoch "
            + epoch
            + " is over ("
            + reason
            + "); drop it, the next epoch delivers again",
        null);
    this.epoch = epoch;
  }

  /**
   * The epoch that is over.
   *
   * @return as in {@link ChannelPort#epoch}
   */
  public long epoch() {
    return epoch;
  }

  /** Never: the same command cannot succeed on an epoch that is over. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
