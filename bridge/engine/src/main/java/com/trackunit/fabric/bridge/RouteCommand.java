// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link RouteCore} wants done.
 *
 * @param <L> what identifies a lane
 * @param <M> what is published
 */
sealed interface RouteCommand<L, M> {
  /**
   * Publish now, and answer with {@link RouteCore#published}, {@link RouteCore#refused} or {@link
   * RouteCore#closed} before anything else.
   *
   * @param deadBecause null, or why it is to go to the dead-letter target instead
   */
  record Publish<L, M>(M message, @Nullable RouteException deadBecause)
      implements RouteCommand<L, M> {}

  /**
   * Commit these offsets (of the next record to read), and answer with {@link RouteCore#committed}
   * or {@link RouteCore#commitFailed} some time.
   */
  record Commit<L, M>(Map<L, Long> offsets) implements RouteCommand<L, M> {}

  /** Deliver no more records of these lanes until told to resume. */
  record Pause<L, M>(List<L> lanes) implements RouteCommand<L, M> {}

  /** Deliver records of these lanes again. */
  record Resume<L, M>(List<L> lanes) implements RouteCommand<L, M> {}
}
