// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a route does with a message that the other side will not take, as it is, however often it is
 * sent: one that cannot be encoded, is too large, kills the channel while it is alone in flight, or
 * finds no queue. A broker that is away or full is no such case: that is always waited for.
 * Immutable.
 */
public final class ErrorPolicy {
  /** How often a message is tried unless said otherwise. */
  public static final int DEFAULT_ATTEMPTS = 5;

  private static final ErrorPolicy STOP = new ErrorPolicy(Action.STOP, null, DEFAULT_ATTEMPTS);

  enum Action {
    STOP,
    SKIP,
    DEAD_LETTER
  }

  private final Action action;
  private final @Nullable String target;
  private final int attempts;

  private ErrorPolicy(Action action, @Nullable String target, int attempts) {
    this.action = action;
    this.target = target;
    this.attempts = attempts;
  }

  /**
   * Its partition or queue stands still and tries it again, with pauses of 0.2 s growing to 10 s,
   * until it gets through. Nothing is lost, and somebody has to look. The default.
   *
   * @return the policy
   */
  public static ErrorPolicy stop() {
    return STOP;
  }

  /**
   * It is let go, counted and logged. It is lost.
   *
   * @return the policy
   */
  public static ErrorPolicy skip() {
    return new ErrorPolicy(Action.SKIP, null, DEFAULT_ATTEMPTS);
  }

  /**
   * It goes to another place, with the cause in its headers, and the rest goes on in order. The
   * place is on the side of the route's end: a queue for a route to an exchange, a topic for a
   * route to a topic. The bridge does not declare it; while it takes nothing, the route stands
   * still.
   *
   * @param queueOrTopic its name
   * @return the policy
   * @throws IllegalArgumentException if it is blank
   */
  public static ErrorPolicy deadLetterTo(String queueOrTopic) {
    if (Objects.requireNonNull(queueOrTopic, "queueOrTopic").isBlank()) {
      throw new IllegalArgumentException("error policy: the dead-letter target is blank");
    }
    return new ErrorPolicy(Action.DEAD_LETTER, queueOrTopic, DEFAULT_ATTEMPTS);
  }

  /**
   * The same policy with another patience for a message that was returned, or that was alone in
   * flight when a channel died: both may pass. What cannot be encoded is never tried twice, and
   * {@link #stop} never gives up.
   *
   * @param value at least 1; {@value #DEFAULT_ATTEMPTS} unless set
   * @return a copy
   * @throws IllegalArgumentException if it is less than 1
   */
  public ErrorPolicy afterAttempts(int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "error policy: afterAttempts is " + value + ", expected at least 1");
    }
    return new ErrorPolicy(action, target, value);
  }

  Action action() {
    return action;
  }

  /** Null unless messages are dead-lettered. */
  @Nullable String target() {
    return target;
  }

  int attempts() {
    return attempts;
  }

  @Override
  public String toString() {
    return switch (action) {
      case STOP -> "stop";
      case SKIP -> "skip after " + attempts + " attempts";
      case DEAD_LETTER -> "dead-letter to " + target + " after " + attempts + " attempts";
    };
  }
}
