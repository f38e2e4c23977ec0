// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.FabricException;
import java.util.List;

/** A service cannot start: its environment lacks something. It names every mistake, no value. */
public final class EnvironmentException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final List<String> mistakes;

  EnvironmentException(List<String> mistakes) {
    super(
        "environment: " + String.join("; ", mistakes) + ". Set these variables and start again",
        null);
    this.mistakes = List.copyOf(mistakes);
  }

  /**
   * What is wrong, one entry a variable.
   *
   * @return at least one; no values
   */
  public List<String> mistakes() {
    return mistakes;
  }

  /** Never: the environment of a process does not change. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
