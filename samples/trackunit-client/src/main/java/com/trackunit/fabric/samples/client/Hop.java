// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import java.time.Duration;
import java.util.Objects;

/**
 * One step of a photo's way, as the client sees it. Immutable.
 *
 * @param step which one
 * @param at how long after {@link TrackunitClient#send} began; monotonic
 * @param detail for a reader: ids, sizes, what was recognised; no secrets
 */
public record Hop(Step step, Duration at, String detail) {
  /** Checks that every part is there. */
  public Hop {
    Objects.requireNonNull(step, "step");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(detail, "detail");
  }

  /** The steps, in their order. */
  public enum Step {
    /** The file is a photo. */
    PHOTO_CHECKED("photo checked"),
    /** There is an access token. */
    SIGNED_IN("signed in"),
    /** The gateway gave an upload id and a presigned URL. */
    UPLOAD_STARTED("upload started"),
    /** The gateway has both subscriptions, so that no event of this photo is missed. */
    SUBSCRIBED("subscribed"),
    /** The object store has the photo. */
    PHOTO_STORED("photo stored"),
    /** The gateway took the size and checksum. */
    UPLOAD_CONFIRMED("upload confirmed"),
    /** {@code onAnalysisStarted} came. */
    ANALYSIS_STARTED("analysis started"),
    /** {@code onAnalysisCompleted} came. */
    ANALYSIS_COMPLETED("analysis completed");

    private final String words;

    Step(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * One line for a terminal.
   *
   * @return milliseconds, step and detail in columns
   */
  @Override
  public String toString() {
    return String.format("%6d ms  %-18s  %s", at.toMillis(), step, detail);
  }
}
