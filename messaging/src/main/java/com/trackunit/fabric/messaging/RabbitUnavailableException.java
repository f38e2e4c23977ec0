// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/** RabbitMQ could not be reached, or did not answer in time. */
public final class RabbitUnavailableException extends FabricException {
  private static final long serialVersionUID = 1L;

  RabbitUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Always: the broker may be back. */
  @Override
  public boolean isRetryable() {
    return true;
  }
}
