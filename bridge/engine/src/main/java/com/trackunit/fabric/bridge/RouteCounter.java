// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/** What a route counts; every counter begins at zero when the bridge starts. */
public enum RouteCounter {
  /** Records or messages taken from the source, each time one comes. */
  TAKEN,
  /** Messages that the sink has taken responsibility for. */
  CONFIRMED,
  /** Messages that came back because no queue takes them, each time. */
  RETURNED,
  /** Messages that the sink refused, each time. */
  REJECTED,
  /**
   * Messages in flight when a channel or a producer was lost, each time: they are sent again, and
   * may arrive twice unless the route is effectively once.
   */
  UNKNOWN,
  /** Messages that a later one of their partition, key or queue was confirmed before. */
  OVERTAKEN,
  /** Messages that went to the dead-letter target instead. */
  DEAD_LETTERED,
  /** Messages that the error policy let go. */
  SKIPPED,
  /** Messages that the filter did not want, or that have gone round a loop too often. */
  FILTERED,
  /** Redelivered messages that the ledger knew as done: acknowledged and not sent again. */
  DEDUPLICATED,
  /**
   * Redelivered messages that the ledger did not know although it had forgotten older ones: sent,
   * and perhaps a second time.
   */
  BEYOND_LEDGER
}
