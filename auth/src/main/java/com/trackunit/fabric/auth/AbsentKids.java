// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names of keys that a fetch has just shown not to exist. A client that keeps sending one of them
 * does not use up the window in which somebody else's new key may be fetched. Bounded in number,
 * length and time. Not thread-safe: its owner's lock guards it.
 */
final class AbsentKids {
  private static final int MAX_KIDS = 1_000;

  /** Entra ID's have 27 characters. */
  private static final int MAX_LENGTH = 128;

  private final long lifeNanos;
  private final Map<String, Long> seenAt = new LinkedHashMap<>();

  /**
   * @param life how long a name stays; then the key may be published after all
   */
  AbsentKids(Duration life) {
    this.lifeNanos = life.toNanos();
  }

  void add(String kid, long now) {
    if (kid.length() > MAX_LENGTH) {
      return;
    }
    seenAt.remove(kid);
    if (seenAt.size() == MAX_KIDS) {
      seenAt.remove(seenAt.keySet().iterator().next());
    }
    seenAt.put(kid, now);
  }

  boolean contains(String kid, long now) {
    Long at = seenAt.get(kid);
    return at != null && now - at < lifeNanos;
  }

  void clear() {
    seenAt.clear();
  }
}
