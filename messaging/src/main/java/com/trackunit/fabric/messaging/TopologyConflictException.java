// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges or queues exist with another definition than the one asked for; they were left alone.
 * The message shows both sides.
 */
public final class TopologyConflictException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final String wanted;
  private final String found;
  private final transient List<TopologyDifference> differences;

  TopologyConflictException(
      String operation,
      String wanted,
      String found,
      List<TopologyDifference> differences,
      @Nullable Throwable cause) {
    super(
        operation
            + ": wanted "
            + wanted
            + ", but the broker has another definition ("
            + found
            + "); delete the one on the broker or ask for the same"
            + TopologyDifference.sideBySide(differences),
        cause);
    this.wanted = wanted;
    this.found = found;
    this.differences = List.copyOf(differences);
  }

  /**
   * Every difference that the broker has told, one for each exchange or queue (it names the first
   * argument that differs).
   *
   * @return empty if the two definitions were both asked for here
   */
  public List<TopologyDifference> differences() {
    return differences;
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
