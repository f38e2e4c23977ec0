// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;

/**
 * A message was not sent at all: there was no connection, no place in the window or a blocked
 * broker until the deadline, or the publisher was closed. Publishing it again cannot duplicate it.
 */
public final class NotPublishedException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  NotPublishedException(String message, boolean retryable) {
    super(message, null);
    this.retryable = retryable;
  }

  /** True unless the publisher was closed. */
  @Override
  public boolean isRetryable() {
    return retryable;
  }
}
