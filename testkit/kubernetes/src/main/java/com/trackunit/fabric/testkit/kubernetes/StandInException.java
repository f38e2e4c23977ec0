// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import com.trackunit.fabric.core.FabricException;

/** The stand-in could not start. */
public final class StandInException extends FabricException {
  private static final long serialVersionUID = 1L;

  StandInException(String message, Throwable cause) {
    super(message, cause);
  }

  /** True: the machine is the cause, not the call. */
  @Override
  public boolean isRetryable() {
    return true;
  }
}
