// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

/** What a settlement of a {@link Delivery} did. */
public enum SettleResult {
  /** It was handed to the broker. */
  SENT,
  /**
   * The channel that the delivery came on is over: nothing was sent, and the broker delivers the
   * message again. Harmless.
   */
  STALE
}
