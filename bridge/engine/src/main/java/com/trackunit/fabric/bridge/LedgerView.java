// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a core knows of the ledger during one channel epoch. What was committed before the epoch is
 * what a redelivery is looked up in, each entry good for one: two messages of one id and body are
 * two. Not thread-safe.
 */
final class LedgerView {
  private @Nullable Map<Fingerprint, Integer> before;
  private long next;
  private long capacity;

  /** A new channel epoch: everything before it is past. */
  void forget() {
    before = null;
  }

  void read(LedgerSnapshot snapshot) {
    if (before == null) {
      before = new HashMap<>(snapshot.known());
    }
    next = snapshot.next();
    capacity = snapshot.capacity();
  }

  /** Whether a message delivered again was committed before; takes the entry it is known by. */
  boolean takes(Fingerprint fingerprint) {
    Map<Fingerprint, Integer> known = before;
    if (known == null || !known.containsKey(fingerprint)) {
      return false;
    }
    known.merge(fingerprint, -1, (count, one) -> count + one == 0 ? null : count + one);
    return true;
  }

  boolean hasWrapped() {
    return next > capacity;
  }

  /** The number of the message to be committed next. */
  long next() {
    return next;
  }

  void committed(int messages) {
    next += messages;
  }
}
