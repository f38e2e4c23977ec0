// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

/**
 * One way to move messages.
 *
 * @param guarantee what it keeps when something fails, in a few words
 * @param kind what it is compared as
 * @param starter how it is started
 */
record Arm(String name, String guarantee, Kind kind, Starter starter) {
  /** What it is compared as. */
  enum Kind {
    OURS,
    /** Ours, effectively once. */
    ONCE,
    /** The ceiling, a loop written by hand. */
    RAW,
    /** The ceiling again: what differs is noise. */
    RAW_AGAIN,
    /** Ours in a process with a small heap. */
    SMALL_HEAP,
    /** At least once. */
    PEER,
    /** May lose what it has acknowledged. */
    LOSING_PEER;

    /** Those that run in each round; the others run in the first ones. */
    boolean isEachRound() {
      return this == OURS || this == ONCE || this == RAW;
    }

    boolean isPeer() {
      return this == PEER || this == LOSING_PEER;
    }

    /** Whether what it lets a killed broker lose is of interest. */
    boolean isCrashed() {
      return isEachRound() || isPeer();
    }
  }

  AutoCloseable start(Site site, Flow flow) throws Exception {
    return starter.start(site, flow);
  }

  /** Whether somebody has to start it again after a failure. */
  boolean isRestartedByHand() {
    return guarantee.endsWith(Arms.BY_HAND);
  }
}
