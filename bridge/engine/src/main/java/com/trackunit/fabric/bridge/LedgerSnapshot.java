// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.HashMap;
import java.util.Map;

/**
 * What the ledger said when it was read: every message that was committed to Kafka and not yet
 * pushed out by newer ones.
 *
 * @param next the number of the message to be committed next; all below are committed
 * @param capacity how many the ledger remembers
 * @param known how often each fingerprint is in it
 */
record LedgerSnapshot(long next, long capacity, Map<Fingerprint, Integer> known) {
  /** For a route that keeps no ledger. */
  static final LedgerSnapshot NONE = new LedgerSnapshot(0, 0, Map.of());

  /** Whether messages have been forgotten. */
  boolean hasWrapped() {
    return next > capacity;
  }

  /** From the newest entry of each slot, by number; those beyond the capacity are left out. */
  static LedgerSnapshot of(long capacity, Map<Long, Fingerprint> byNumber) {
    long next = byNumber.keySet().stream().mapToLong(Long::longValue).max().orElse(-1) + 1;
    Map<Fingerprint, Integer> known = new HashMap<>();
    byNumber.forEach(
        (number, fingerprint) -> {
          if (number >= next - capacity) {
            known.merge(fingerprint, 1, Integer::sum);
          }
        });
    return new LedgerSnapshot(next, capacity, known);
  }
}
