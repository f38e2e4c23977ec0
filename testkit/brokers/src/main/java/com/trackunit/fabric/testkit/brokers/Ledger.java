// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The judge of a delivery test: it is told what was sent, what the sender was answered, and what
 * came out, and says what was lost, repeated or put out of order.
 *
 * <p>Every message has a unique id, and a place: a sequence number in the order of its key. A key
 * is whatever the order holds for; where that is a partition, the partition is part of the key.
 * Calls for one key come in the order in which things happened; {@link #sent} comes before the
 * message is handed to the sender.
 *
 * <p>Thread-safe. It keeps every message in memory until it is dropped itself.
 */
public final class Ledger {
  private final Map<String, Entry> entries = new HashMap<>();
  private final List<Sighting> sightings = new ArrayList<>();
  private long contradictions;

  /** An empty ledger. */
  public Ledger() {}

  /** What a sender was answered about one message. */
  public enum Outcome {
    /** The broker has it. */
    CONFIRMED,
    /** Nobody knows: the connection went, or no answer came in time. */
    UNKNOWN,
    /** The broker found no queue for it. */
    RETURNED,
    /** The broker refused it. */
    REJECTED
  }

  /**
   * Records that one copy of a message is about to be sent. Sending an id again, as after an
   * unknown outcome, puts another copy in the source and awaits another outcome.
   *
   * @param id unique to the message
   * @param key what it is in order with
   * @param sequence its place in that order
   * @throws IllegalArgumentException if the id was sent with another key or sequence
   */
  public synchronized void sent(String id, String key, long sequence) {
    Objects.requireNonNull(id, "id");
    Entry fresh = new Entry(Objects.requireNonNull(key, "key"), sequence);
    Entry entry = entries.computeIfAbsent(id, unknown -> fresh);
    if (!entry.key.equals(key) || entry.sequence != sequence) {
      throw new IllegalArgumentException(
          "sent " + id + " as " + key + "/" + sequence + ", before it was " + entry);
    }
    entry.copies++;
  }

  /**
   * Records what the sender was answered about a message. An answer about nothing that is awaited
   * (never sent, or answered already) counts as a contradiction.
   *
   * @param id the message's
   * @param outcome the answer
   */
  public synchronized void outcome(String id, Outcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    Entry entry = entries.get(Objects.requireNonNull(id, "id"));
    if (entry == null || entry.outcomes.size() == entry.copies) {
      contradictions++;
    } else {
      entry.outcomes.add(outcome);
    }
  }

  /**
   * Records that a message came out.
   *
   * @param id the message's
   * @param key the key it came with
   * @param sequence the sequence it came with
   */
  public synchronized void seen(String id, String key, long sequence) {
    sightings.add(
        new Sighting(
            Objects.requireNonNull(id, "id"), Objects.requireNonNull(key, "key"), sequence));
  }

  /**
   * Whether everything that was confirmed has been seen: the moment to judge, once it comes.
   *
   * @return true if nothing counts as lost now
   */
  public boolean isDrained() {
    return verdict().lost() == 0;
  }

  /**
   * Judges what has been recorded up to now. Drain before judging: what is still on its way counts
   * as lost.
   *
   * @return the verdict
   */
  public synchronized Verdict verdict() {
    LedgerTrial trial = new LedgerTrial(entries);
    sightings.forEach(trial::hear);
    return trial.judge(contradictions);
  }

  @Override
  public synchronized String toString() {
    return "Ledger of " + entries.size() + " sent, " + sightings.size() + " seen";
  }

  /** What came out, in the order in which it came. */
  record Sighting(String id, String key, long sequence) {
    @Override
    public String toString() {
      return id + " (" + key + "/" + sequence + ")";
    }
  }

  /** One message and what its sender was answered; guarded by the ledger. */
  static final class Entry {
    final String key;
    final long sequence;
    final List<Outcome> outcomes = new ArrayList<>(1);
    int copies;

    Entry(String key, long sequence) {
      this.key = key;
      this.sequence = sequence;
    }

    boolean has(Outcome outcome) {
      return outcomes.contains(outcome);
    }

    @Override
    public String toString() {
      return key + "/" + sequence;
    }
  }
}
