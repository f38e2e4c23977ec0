// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import java.time.Duration;

/** A handler did not settle a delivery in time: the cause of that failed attempt. */
public final class HandlerTimeoutException extends FabricException {
  private static final long serialVersionUID = 1L;

  HandlerTimeoutException(String queue, Duration limit, Delivery delivery) {
    super(
        "consumer of '"
            + queue
            + "': "
            + delivery
            + " was not settled within "
            + limit
            + " (handlerTimeout); settle it sooner or allow more time",
        null);
  }

  /** It may be faster the next time. */
  @Override
  public boolean isRetryable() {
    return true;
  }
}
