// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Which fault comes when: an endless sequence that follows from a seed and the faults alone. Every
 * kind comes once before any comes again, and in the long run as often as its weight says. Not
 * thread-safe.
 */
public final class FaultSchedule {
  private final List<Fault> faults;
  private final Duration longestRest;
  private final Random random;
  private final Deque<Fault> deck = new ArrayDeque<>();
  private boolean isFirstDeck = true;

  /**
   * The sequence of a seed.
   *
   * @param seed decides everything
   * @param faults of which kinds; at least one, each kind once
   * @param longestRest how long messages flow between two faults, at most
   * @throws IllegalArgumentException if there is none, or a kind comes twice
   */
  public FaultSchedule(long seed, List<Fault> faults, Duration longestRest) {
    this.longestRest = longestRest;
    this.faults = List.copyOf(faults);
    this.random = new Random(seed);
    if (faults.isEmpty() || faults.stream().map(Fault::kind).distinct().count() < faults.size()) {
      throw new IllegalArgumentException(
          "fault schedule: the kinds are " + faults + ", expected at least one, each once");
    }
  }

  /**
   * One planned fault.
   *
   * @param rest how long messages flow undisturbed before it
   * @param fault which one
   * @param lasts how long it holds
   * @param choices the seed of what the fault itself may choose
   */
  public record Step(Duration rest, Fault fault, Duration lasts, long choices) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s for %.1f s after %.1f s of rest",
          fault,
          lasts.toMillis() / 1000.0,
          rest.toMillis() / 1000.0);
    }
  }

  /**
   * The next step.
   *
   * @return for the same seed and faults always the same sequence
   */
  public Step next() {
    if (deck.isEmpty()) {
      shuffle();
    }
    Fault fault = deck.remove();
    Duration rest = between(Duration.ZERO, longestRest);
    return new Step(rest, fault, between(fault.shortest(), fault.longest()), random.nextLong());
  }

  private void shuffle() {
    List<Fault> cards = new ArrayList<>(faults);
    Collections.shuffle(cards, random);
    List<Fault> repeated = new ArrayList<>();
    for (Fault fault : faults) {
      repeated.addAll(Collections.nCopies(fault.weight() - 1, fault));
    }
    Collections.shuffle(repeated, random);
    cards.addAll(repeated);
    if (!isFirstDeck) { // the first one shows every kind before any comes again
      Collections.shuffle(cards, random);
    }
    isFirstDeck = false;
    deck.addAll(cards);
  }

  private Duration between(Duration atLeast, Duration atMost) {
    long millis = atMost.toMillis() - atLeast.toMillis();
    return atLeast.plusMillis((long) (millis * random.nextDouble()));
  }
}
