// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.time.Duration;

/**
 * When a consumer stops by itself: too many of its last attempts have failed, so the fault is
 * probably not the messages'. It pauses, tries again after a while, and pauses again if nothing has
 * changed. Immutable.
 */
public final class KillSwitch {
  private final double ratio;
  private final int attempts;
  private final Duration pause;

  private KillSwitch(double ratio, int attempts, Duration pause) {
    this.ratio = ratio;
    this.attempts = attempts;
    this.pause = pause;
  }

  /**
   * Trips when this part of the last attempts has failed.
   *
   * @param ratio more than 0, at most 1
   * @param attempts of how many last attempts, at least 1, at most 10,000; it cannot trip before
   *     that many were made
   * @return with a pause of 30 s
   */
  public static KillSwitch at(double ratio, int attempts) {
    if (!(ratio > 0 && ratio <= 1)) {
      throw new IllegalArgumentException(
          "kill switch: ratio is " + ratio + ", expected more than 0, at most 1");
    }
    return new KillSwitch(
        ratio,
        (int) Bounds.number("kill switch: attempts", attempts, 1, 10_000),
        Duration.ofSeconds(30));
  }

  /**
   * How long the consumer pauses; then it goes on with a clean record.
   *
   * @param length more than 0, at most a day; default 30 s
   * @return a copy
   */
  public KillSwitch pause(Duration length) {
    return new KillSwitch(
        ratio, attempts, Bounds.duration("kill switch: pause", length, Duration.ofDays(1)));
  }

  Duration pause() {
    return pause;
  }

  /** The record of the last attempts. Not thread-safe. */
  Fuse fuse() {
    return new Fuse();
  }

  /** Counts failures among the last attempts. */
  final class Fuse {
    private final boolean[] failed = new boolean[attempts];
    private int next;
    private int recorded;
    private int failures;

    private Fuse() {}

    /** Notes one attempt; true if the switch trips, which begins a new record. */
    boolean trips(boolean failure) {
      failures += (failure ? 1 : 0) - (failed[next] ? 1 : 0);
      failed[next] = failure;
      next = (next + 1) % attempts;
      recorded = Math.min(attempts, recorded + 1);
      if (!failure || recorded < attempts || failures < ratio * attempts) {
        return false;
      }
      java.util.Arrays.fill(failed, false);
      failures = 0;
      recorded = 0;
      return true;
    }
  }

  @Override
  public String toString() {
    return "KillSwitch[" + ratio + " of " + attempts + " attempts, pause " + pause + "]";
  }
}
