// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

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
  private long inFlight;
  private long latestSeen;

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
    REJECTED,
    /** The sender gave up before it had sent anything. */
    NOT_SENT
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
    Entry fresh = new Entry(Objects.requireNonNull(key, "key"), sequence, entries.size() + 1L);
    Entry entry = entries.computeIfAbsent(id, unknown -> fresh);
    if (!entry.key.equals(key) || entry.sequence != sequence) {
      throw new IllegalArgumentException(
          "sent " + id + " as " + key + "/" + sequence + ", before it was " + entry);
    }
    entry.copies++;
    if (!entry.isSeen) {
      onItsWay(entry, true);
    }
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
      if (outcome != Outcome.CONFIRMED) {
        onItsWay(entry, false);
      }
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
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.isSeen = true;
      latestSeen = Math.max(latestSeen, entry.ordinal);
      onItsWay(entry, false);
    }
  }

  /**
   * Records that the place where messages wait was deleted and made again, such as their queue:
   * what was sent by now and is never seen counts as destroyed, not as lost.
   *
   * @param keys whose messages waited there
   */
  public synchronized void deleted(Predicate<String> keys) {
    for (Entry entry : entries.values()) {
      if (!entry.isSeen && keys.test(entry.key)) {
        entry.isExposed = true;
        onItsWay(entry, false);
      }
    }
  }

  /**
   * Records that the place where messages go did not take them: what was sent by now and not seen
   * yet may have come back to whoever carries it, and be overtaken by what was in flight behind it.
   *
   * @param keys whose messages went there
   */
  public synchronized void sentBack(Predicate<String> keys) {
    for (Entry entry : entries.values()) {
      if (!entry.isSeen && keys.test(entry.key)) {
        entry.mayBeOvertaken = true;
      }
    }
  }

  /**
   * How many messages have been sent, each once however often it was sent.
   *
   * @return a mark for {@link #hasSeenAfter}
   */
  public synchronized long sentCount() {
    return entries.size();
  }

  /**
   * How many sightings there were.
   *
   * @return repeated ones included
   */
  public synchronized long seenCount() {
    return sightings.size();
  }

  /**
   * Whether messages flow again.
   *
   * @param sentCount an earlier {@link #sentCount}
   * @return true if a message that was sent after that has been seen
   */
  public synchronized boolean hasSeenAfter(long sentCount) {
    return latestSeen > sentCount;
  }

  /**
   * How many messages are on their way now.
   *
   * @return those sent, not seen yet, and not known to stay away
   */
  public synchronized long inFlight() {
    return inFlight;
  }

  private void onItsWay(Entry entry, boolean isOnItsWay) {
    if (entry.isOnItsWay != isOnItsWay) {
      entry.isOnItsWay = isOnItsWay;
      inFlight += isOnItsWay ? 1 : -1;
    }
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
    final long ordinal;
    final List<Outcome> outcomes = new ArrayList<>(1);
    int copies;
    boolean isSeen;
    boolean isExposed;
    boolean mayBeOvertaken;
    boolean isOnItsWay;

    Entry(String key, long sequence, long ordinal) {
      this.key = key;
      this.sequence = sequence;
      this.ordinal = ordinal;
    }

    boolean has(Outcome outcome) {
      return outcomes.contains(outcome);
    }

    boolean hasOnly(Outcome outcome) {
      return outcomes.stream().allMatch(outcome::equals);
    }

    @Override
    public String toString() {
      return key + "/" + sequence;
    }
  }
}
