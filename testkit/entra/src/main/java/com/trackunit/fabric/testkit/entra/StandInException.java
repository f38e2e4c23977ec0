// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.FabricException;

/** The stand-in could not start, or could not write what it was asked to. */
public final class StandInException extends FabricException {
  private static final long serialVersionUID = 1L;

  StandInException(String message, Throwable cause) {
    super(message, cause);
  }

  /** True: the machine (a taken port, a full disk) is the cause, not the call. */
  @Override
  public boolean isRetryable() {
    return true;
  }
}
