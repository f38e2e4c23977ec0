// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

/** The application's code for one delivery. */
@FunctionalInterface
public interface DeliveryHandler {
  /**
   * Handles one delivery and settles it: here, or later from any thread. One that is not settled
   * within the consumer's handler timeout is a failed attempt.
   *
   * <p>Runs on a thread of the consumer's own, with others beside it if its concurrency is more
   * than one. Throwing is a failed attempt, the same as {@link Delivery#retry()}, unless it was
   * settled before.
   *
   * @param delivery what arrived
   * @throws Exception any failure of the attempt
   */
  void handle(Delivery delivery) throws Exception;
}
