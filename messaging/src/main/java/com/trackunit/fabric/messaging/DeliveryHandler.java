// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

/** The application's code for one delivery. */
@FunctionalInterface
public interface DeliveryHandler {
  /**
   * Handles one delivery and settles it: here, or later from any thread. One that is never settled
   * keeps its place in the prefetch window until the channel ends.
   *
   * <p>Runs on the consumer's own thread, one delivery at a time, in queue order. Throwing is a
   * failed attempt, the same as {@link Delivery#retry()}, unless it was settled before.
   *
   * @param delivery what arrived
   * @throws Exception any failure of the attempt
   */
  void handle(Delivery delivery) throws Exception;
}
