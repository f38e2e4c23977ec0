// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.core.FabricException;

/** The demo cannot go on; the message is for the person at the terminal. */
final class DemoException extends FabricException {
  private static final long serialVersionUID = 1L;

  DemoException(String message) {
    super(message, null);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }
}
