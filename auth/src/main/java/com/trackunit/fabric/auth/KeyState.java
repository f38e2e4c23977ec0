// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the keys at one moment, swapped as a whole.
 *
 * @param set the last good keys
 * @param fetchedAt when they came, by the ticker
 * @param failure why the last fetch failed; null if it succeeded
 * @param failures how many have failed in a row
 * @param endedAt when the last fetch ended, by the ticker; null before the first
 */
record KeyState(
    @Nullable KeySet set,
    long fetchedAt,
    @Nullable String failure,
    int failures,
    @Nullable Long endedAt) {

  static KeyState unknown() {
    return new KeyState(null, 0, null, 0, null);
  }

  /** Keys of an earlier life, which no fetch has confirmed yet. */
  static KeyState remembered(KeySet set, long fetchedAt) {
    return new KeyState(set, fetchedAt, null, 0, null);
  }

  /** Keeps the former object if nothing changed, as it stands for the generation. */
  KeyState fetched(KeySet fresh, long now) {
    boolean isSame = set != null && set.hasContentOf(fresh);
    return new KeyState(isSame ? set : fresh, now, null, 0, now);
  }

  KeyState failed(String why, long now) {
    return new KeyState(set, fetchedAt, why, failures + 1, now);
  }

  /** The keys, if there are any and they are young enough to judge with. */
  @Nullable KeySet usable(long now, Duration maxAge) {
    return now - fetchedAt <= maxAge.toNanos() ? set : null;
  }

  String describe(long now, Duration maxAge) {
    String keys =
        set == null
            ? "no signing keys yet"
            : set.keys().size()
                + " signing keys, fetched "
                + Duration.ofNanos(now - fetchedAt).toSeconds()
                + " s ago, usable for "
                + maxAge.toSeconds()
                + " s, "
                + set.skipped().size()
                + " skipped";
    return failure == null ? keys : keys + "; last fetch failed: " + failure;
  }

  KeyStatus status(long now, Duration maxAge) {
    KeySet usable = usable(now, maxAge);
    return new KeyStatus(
        usable == null ? 0 : usable.keys().size(),
        set == null ? Optional.empty() : Optional.of(Duration.ofNanos(now - fetchedAt)),
        failures,
        Optional.ofNullable(failure),
        usable == null ? List.of() : usable.skipped());
  }
}
