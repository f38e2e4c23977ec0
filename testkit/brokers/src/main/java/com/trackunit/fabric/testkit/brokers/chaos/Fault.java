// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * One kind of fault: how it begins, how long it lasts, how it ends. Immutable; a {@link ChaosRun}
 * inflicts one fault at a time, from one thread.
 */
public final class Fault {
  /** Does something to a broker, a network or a process. */
  @FunctionalInterface
  public interface Action {
    /**
     * Does it, and returns when it is done.
     *
     * @param choices decides what is left open, such as which of two processes it strikes; the same
     *     for the same seed
     * @throws Exception if it cannot be done: the run ends inconclusive
     */
    void run(RandomGenerator choices) throws Exception;
  }

  private final String kind;
  private final Action begin;
  private final Action end;
  private final Duration shortest;
  private final Duration longest;
  private final int weight;

  private Fault(
      String kind, Action begin, Action end, Duration shortest, Duration longest, int weight) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.begin = Objects.requireNonNull(begin, "begin");
    this.end = Objects.requireNonNull(end, "end");
    this.shortest = shortest;
    this.longest = longest;
    this.weight = weight;
  }

  /**
   * A fault that is over as soon as it was inflicted, such as a cut connection.
   *
   * @param kind its name, such as {@code connections-cut}
   * @param strike inflicts it
   * @return the fault, with weight 1
   */
  public static Fault momentary(String kind, Action strike) {
    return new Fault(kind, strike, choices -> {}, Duration.ZERO, Duration.ZERO, 1);
  }

  /**
   * A fault that holds for a while, such as a frozen broker.
   *
   * @param kind its name, such as {@code broker-frozen}
   * @param begin inflicts it
   * @param end ends it; is called with the same choices as {@code begin}, and also when that threw
   * @return the fault, with weight 1, lasting one second
   */
  public static Fault lasting(String kind, Action begin, Action end) {
    return new Fault(kind, begin, end, Duration.ofSeconds(1), Duration.ofSeconds(1), 1);
  }

  /**
   * Sets between which bounds the seed chooses how long it lasts, from the end of {@code begin} to
   * the start of {@code end}.
   *
   * @param atLeast zero or more
   * @param atMost no less
   * @return a copy
   * @throws IllegalArgumentException if the bounds are not in order
   */
  public Fault lasts(Duration atLeast, Duration atMost) {
    if (atLeast.isNegative() || atMost.compareTo(atLeast) < 0) {
      throw new IllegalArgumentException(
          kind + ": lasts " + atLeast + " to " + atMost + ", expected 0 or more, in order");
    }
    return new Fault(kind, begin, end, atLeast, atMost, weight);
  }

  /**
   * Sets how often it is inflicted for each time that a fault of weight 1 is.
   *
   * @param times 1 to 100
   * @return a copy
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Fault weight(int times) {
    if (times < 1 || times > 100) {
      throw new IllegalArgumentException(kind + ": weight is " + times + ", expected 1 to 100");
    }
    return new Fault(kind, begin, end, shortest, longest, times);
  }

  /**
   * What it is called in schedules and verdicts.
   *
   * @return never empty
   */
  public String kind() {
    return kind;
  }

  Action begin() {
    return begin;
  }

  Action end() {
    return end;
  }

  Duration shortest() {
    return shortest;
  }

  Duration longest() {
    return longest;
  }

  int weight() {
    return weight;
  }

  @Override
  public String toString() {
    return kind;
  }
}
