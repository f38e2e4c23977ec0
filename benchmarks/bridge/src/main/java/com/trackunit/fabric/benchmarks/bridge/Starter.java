// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

/** Starts to move; closing what it gives ends that. */
public interface Starter {
  /**
   * Starts.
   *
   * @param site where the brokers are
   * @param flow what to move
   * @return what moves
   * @throws Exception if it does not start
   */
  AutoCloseable start(Site site, Flow flow) throws Exception;
}
