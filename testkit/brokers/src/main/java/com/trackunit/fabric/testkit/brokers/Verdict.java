// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.util.List;
import java.util.Map;

/**
 * What a {@link Ledger} found; all numbers count messages, or copies of them.
 *
 * @param sent messages, each once however often it was sent
 * @param seen sightings, repeated ones included
 * @param confirmed messages with a confirmed copy
 * @param unanswered copies that got no outcome at all
 * @param contradicted outcomes for nothing that awaited one
 * @param outcomes how often each answer was given
 * @param lost confirmed and never seen
 * @param destroyed sent before {@link Ledger#deleted}, confirmed and never seen
 * @param unexpected sightings of what was never sent, or not with that key and sequence
 * @param recovered answered {@code UNKNOWN} (or not at all), never confirmed, and yet seen
 * @param duplicated more copies out than in
 * @param reordered first sightings that a later message of their key came before, and gaps in a
 *     replay
 * @param overtaken first sightings behind a later message of their key, where {@link
 *     Ledger#sentBack} allows it
 * @param stale replays that ended before they had caught up with their key
 * @param examples the first few of what is wrong, for a person
 */
public record Verdict(
    long sent,
    long seen,
    long confirmed,
    long unanswered,
    long contradicted,
    Map<Ledger.Outcome, Long> outcomes,
    long lost,
    long destroyed,
    long unexpected,
    long recovered,
    long duplicated,
    long reordered,
    long overtaken,
    long stale,
    List<String> examples) {

  /** Keeps copies. */
  public Verdict {
    outcomes = Map.copyOf(outcomes);
    examples = List.copyOf(examples);
  }

  /**
   * Whether every message came out exactly once and in order, as far as it is known to be sent.
   *
   * @return true if nothing is lost, unexpected, duplicated, out of order, stale, unanswered or
   *     contradicted
   */
  public boolean isExactlyOnceInOrder() {
    return isAtLeastOnceInOrder() && duplicated == 0;
  }

  /**
   * Whether every message came out, repeated only by replays that keep the order.
   *
   * @return true if nothing is lost, unexpected, out of order, stale, unanswered or contradicted
   */
  public boolean isAtLeastOnceInOrder() {
    return lost + unexpected + reordered + stale + unanswered + contradicted == 0;
  }

  /** The counts in one line, and the examples below it. */
  @Override
  public String toString() {
    String counts =
        "sent "
            + sent
            + " (confirmed "
            + confirmed
            + ", unanswered "
            + unanswered
            + ", contradicted "
            + contradicted
            + "), seen "
            + seen
            + ": lost "
            + lost
            + ", destroyed "
            + destroyed
            + ", unexpected "
            + unexpected
            + ", recovered "
            + recovered
            + ", duplicated "
            + duplicated
            + ", reordered "
            + reordered
            + ", overtaken "
            + overtaken
            + ", stale "
            + stale;
    return examples.isEmpty() ? counts : counts + "\n  " + String.join("\n  ", examples);
  }
}
