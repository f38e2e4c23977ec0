// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The last message ids, in memory. It reduces duplicates and guarantees nothing: it forgets the
 * oldest past its bound, all of them at a restart, and another instance knows nothing of them.
 * Thread-safe.
 */
public final class MemoryInbox implements InboxStore {
  private final int capacity;
  private final Set<String> known = new LinkedHashSet<>(); // guarded by this
  private final Set<String> running = new HashSet<>(); // guarded by this

  /**
   * An empty inbox.
   *
   * @param capacity how many ids it remembers; 1 to 10,000,000 (about 150 bytes each)
   */
  public MemoryInbox(int capacity) {
    if (capacity < 1 || capacity > 10_000_000) {
      throw new IllegalArgumentException(
          "inbox: capacity is " + capacity + ", expected 1 to 10000000");
    }
    this.capacity = capacity;
  }

  @Override
  public boolean once(String messageId, Effect effect) throws Exception {
    synchronized (this) {
      if (known.contains(messageId)) {
        return false;
      }
      if (!running.add(messageId)) {
        throw new IllegalStateException(
            "inbox: message " + messageId + " is being handled right now; it is tried again");
      }
    }
    boolean done = false;
    try {
      effect.run();
      done = true;
    } finally {
      finished(messageId, done);
    }
    return true;
  }

  private synchronized void finished(String messageId, boolean done) {
    running.remove(messageId);
    if (done && known.add(messageId) && known.size() > capacity) {
      known.remove(known.iterator().next());
    }
  }
}
