// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Duration;

/**
 * When keys are fetched and how long they serve.
 *
 * @param refreshEvery from one success to the next fetch
 * @param maxAge how long keys serve after the fetch that brought them
 * @param unknownKidWindow at most one fetch in this time because of unknown kids
 * @param fetchTimeout the longest a fetch takes
 */
record KeyTiming(
    Duration refreshEvery, Duration maxAge, Duration unknownKidWindow, Duration fetchTimeout) {

  static KeyTiming usual() {
    return new KeyTiming(
        Duration.ofHours(1), Duration.ofHours(24), Duration.ofSeconds(30), Duration.ofSeconds(5));
  }

  KeyTiming withRefreshEvery(Duration other) {
    return new KeyTiming(other, maxAge, unknownKidWindow, fetchTimeout);
  }

  KeyTiming withMaxAge(Duration other) {
    return new KeyTiming(refreshEvery, other, unknownKidWindow, fetchTimeout);
  }

  KeyTiming withUnknownKidWindow(Duration other) {
    return new KeyTiming(refreshEvery, maxAge, other, fetchTimeout);
  }

  KeyTiming withFetchTimeout(Duration other) {
    return new KeyTiming(refreshEvery, maxAge, unknownKidWindow, other);
  }
}
