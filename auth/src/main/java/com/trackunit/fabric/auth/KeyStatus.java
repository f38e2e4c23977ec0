// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a validator knows of its signing keys at one moment, for operators.
 *
 * @param keys how many can verify tokens now; 0 means that no token can be decided
 * @param age the time since they were fetched; empty if they never were
 * @param failedFetches how many fetches have failed in a row
 * @param lastFailure why the last fetch failed; empty if it succeeded
 * @param skipped what was wrong with published keys that were left out
 */
public record KeyStatus(
    int keys,
    Optional<Duration> age,
    int failedFetches,
    Optional<String> lastFailure,
    List<String> skipped) {
  /** Copies the list. */
  public KeyStatus {
    skipped = List.copyOf(skipped);
  }
}
