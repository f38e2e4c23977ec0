// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

/** What a settlement of a {@link Delivery} did. */
public enum SettleResult {
  /** It was accepted, and is on its way to the broker. */
  SENT,
  /**
   * Too late: the channel that the delivery came on is over, or the attempt's time was up. Nothing
   * was sent, and the message comes again. Harmless.
   */
  STALE
}
