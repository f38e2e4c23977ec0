// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/**
 * A node or process of the testkit did not do what it was told: it did not start in time, left
 * early, or refused a command. The message ends with the last lines of its log, if it has one.
 */
public class TestkitException extends FabricException {
  private static final long serialVersionUID = 1L;

  /**
   * For one failure.
   *
   * @param message operation, what was seen, what was expected
   * @param cause what led to it, or null
   */
  public TestkitException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** False: whatever stopped it will most likely stop it again. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
