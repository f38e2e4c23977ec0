// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

/**
 * What became of the deliveries that a consumer held when it was told to close.
 *
 * @param completed settled by the handler (acked, retried, released or dead-lettered) while closing
 * @param released given back to the broker without having reached the handler
 * @param unknown still with a handler when the time was up, or settled too late; the broker
 *     delivers them again
 */
public record CloseReport(long completed, long released, long unknown) {
  /**
   * Whether every delivery was settled in time.
   *
   * @return true if nothing is unknown
   */
  public boolean isClean() {
    return unknown == 0;
  }
}
