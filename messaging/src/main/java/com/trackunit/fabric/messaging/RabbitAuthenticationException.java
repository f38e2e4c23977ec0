// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/** RabbitMQ answered and refused the user, the password or the virtual host. */
public final class RabbitAuthenticationException extends FabricException {
  private static final long serialVersionUID = 1L;

  RabbitAuthenticationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Never: someone has to change the credentials or the permissions. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
