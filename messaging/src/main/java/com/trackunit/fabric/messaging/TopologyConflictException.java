// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/**
 * An exchange or queue exists with another definition than the one asked for; it was left alone.
 */
public final class TopologyConflictException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final String wanted;
  private final String found;

  TopologyConflictException(
      String operation, String wanted, String found, @Nullable Throwable cause) {
    super(
        operation
            + ": wanted "
            + wanted
            + ", but the broker has another definition ("
            + found
            + "); delete the one on the broker or ask for the same",
        cause);
    this.wanted = wanted;
    this.found = found;
  }

  /**
   * The definition that was asked for.
   *
   * @return in words
   */
  public String wanted() {
    return wanted;
  }

  /**
   * What the broker said about the definition it has.
   *
   * @return the broker's text
   */
  public String found() {
    return found;
  }

  /** Never: one of the two definitions has to change. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
