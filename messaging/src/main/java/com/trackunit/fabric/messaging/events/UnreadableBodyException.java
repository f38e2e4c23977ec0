// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/** A body is not what its schema says. The message never shows the body. */
public final class UnreadableBodyException extends FabricException {
  private static final long serialVersionUID = 1L;

  /**
   * For one body.
   *
   * @param type what it should be
   * @param problem what is wrong, without content of the body
   * @param cause what the codec met; its message must not show the body either; may be null
   */
  public UnreadableBodyException(String type, String problem, @Nullable Throwable cause) {
    super("read a body as " + type + ": " + problem + "; fix its publisher", cause);
  }

  /** Never: the same bytes fail again. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
