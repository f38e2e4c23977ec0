// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

/** Is told of each {@link Hop} as it is made. */
@FunctionalInterface
public interface HopListener {
  /**
   * Called on the thread that called {@link TrackunitClient#send}; what it throws ends the send.
   *
   * @param hop the step just made
   */
  void onHop(Hop hop);
}
