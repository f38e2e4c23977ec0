// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.util.Locale;
import java.util.Objects;

/**
 * One way that messages go through a {@link ChaosRun}: its ledger, and what was promised of it. An
 * arm that promises nothing has to be convicted, or else the run has shown nothing.
 *
 * @param name such as {@code ordered}
 * @param promise what its ledger is held against
 * @param ledger what was sent, answered and seen on it
 * @param mayBeStale whether replays by a thawed instance, which end before they have caught up, are
 *     within the promise
 */
public record Arm(String name, Promise promise, Ledger ledger, boolean mayBeStale) {
  /** What an arm promises. */
  public enum Promise {
    /** What was confirmed comes out, in any order, perhaps more than once. */
    AT_LEAST_ONCE,
    /** What was confirmed comes out in order, repeated only by replays without gaps. */
    IN_ORDER,
    /** What was confirmed comes out once and in order. */
    EXACTLY_ONCE,
    /** Nothing: its program makes the usual mistakes, and the ledger has to find losses. */
    NONE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Checks that every part is there. */
  public Arm {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(promise, "promise");
    Objects.requireNonNull(ledger, "ledger");
  }

  /**
   * An arm with a ledger of its own.
   *
   * @param name such as {@code ordered}
   * @param promise what its ledger is held against
   * @return without stale replays
   */
  public static Arm of(String name, Promise promise) {
    return new Arm(name, promise, new Ledger(), false);
  }

  /**
   * Allows replays by a thawed instance that end before they have caught up.
   *
   * @return a copy with the same ledger
   */
  public Arm allowingStale() {
    return new Arm(name, promise, ledger, true);
  }

  /**
   * Whether its program promises anything.
   *
   * @return false if its ledger has to convict it
   */
  public boolean isHonest() {
    return promise != Promise.NONE;
  }

  boolean isOrdered() {
    return promise == Promise.IN_ORDER || promise == Promise.EXACTLY_ONCE;
  }

  /** Whether a verdict breaks what was promised. */
  boolean isBroken(Verdict verdict) {
    long always =
        verdict.lost() + verdict.unexpected() + verdict.unanswered() + verdict.contradicted();
    return always > 0
        || (isOrdered() && verdict.reordered() > 0)
        || (isOrdered() && verdict.stale() > 0 && !mayBeStale)
        || (promise == Promise.EXACTLY_ONCE && verdict.duplicated() > 0);
  }
}
