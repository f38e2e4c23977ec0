// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.testkit.brokers.Ledger.Entry;
import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.Ledger.Sighting;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Goes once through what a {@link Ledger} has recorded; used for one verdict, by one thread. */
final class LedgerTrial {
  private static final int EXAMPLES = 10;

  private final Map<String, Entry> entries;
  private final Map<String, Integer> timesSeen = new HashMap<>();
  private final Map<String, Line> lines = new HashMap<>();
  private final List<String> examples = new ArrayList<>();
  private long seen;
  private long unexpected;
  private long reordered;
  private long overtaken;
  private long stale;

  LedgerTrial(Map<String, Entry> entries) {
    this.entries = entries;
  }

  void hear(Sighting sighting) {
    seen++;
    Entry entry = entries.get(sighting.id());
    if (entry == null
        || !entry.key.equals(sighting.key())
        || entry.sequence != sighting.sequence()) {
      unexpected++;
      example("unexpected", sighting);
      return;
    }
    if (entry.outcomes.size() == entry.copies && entry.hasOnly(Outcome.NOT_SENT)) {
      unexpected++;
      example("unexpected, as its sender says it was not sent", sighting);
    }
    boolean first = timesSeen.merge(sighting.id(), 1, Integer::sum) == 1;
    Line line = lines.computeIfAbsent(sighting.key(), key -> new Line());
    if (first) {
      line.advance(sighting, entry);
    } else {
      line.repeat(sighting);
    }
  }

  Verdict judge(long contradicted) {
    lines.forEach((key, line) -> line.endReplay(key));
    long confirmed = 0;
    long unanswered = 0;
    long lost = 0;
    long destroyed = 0;
    long recovered = 0;
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    long duplicated = 0;
    for (Map.Entry<String, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      int times = timesSeen.getOrDefault(each.getKey(), 0);
      unanswered += entry.copies - entry.outcomes.size();
      entry.outcomes.forEach(outcome -> outcomes.merge(outcome, 1L, Long::sum));
      if (entry.has(Outcome.CONFIRMED)) {
        confirmed++;
        if (times == 0 && entry.isExposed) {
          destroyed++;
        } else if (times == 0) {
          lost++;
          example("lost", each.getKey() + " (" + entry + ")");
        }
      } else if (times > 0
          && (entry.has(Outcome.UNKNOWN) || entry.outcomes.size() < entry.copies)) {
        recovered++;
      }
      if (times > entry.copies) {
        duplicated += times - entry.copies;
        example("duplicated", each.getKey() + " (" + entry + "), seen " + times + " times");
      }
    }
    return new Verdict(
        entries.size(),
        seen,
        confirmed,
        unanswered,
        contradicted,
        outcomes,
        lost,
        destroyed,
        unexpected,
        recovered,
        duplicated,
        reordered,
        overtaken,
        stale,
        examples);
  }

  private void example(String what, Object of) {
    if (examples.size() < EXAMPLES) {
      examples.add(what + ": " + of);
    }
  }

  /**
   * The order of one key: how far it has come, and where a replay of it stands. What was shown and
   * never confirmed a broker may forget, so that a replay leaves it out.
   */
  private final class Line {
    private final TreeMap<Long, Entry> known = new TreeMap<>();
    private @Nullable Long replayed;

    void advance(Sighting sighting, Entry entry) {
      endReplay(sighting.key());
      if (!known.isEmpty() && sighting.sequence() < known.lastKey()) {
        if (entry.mayBeOvertaken) {
          overtaken++;
        } else {
          reordered++;
          example("reordered", sighting + " came after " + known.lastKey());
        }
      }
      known.put(sighting.sequence(), entry);
    }

    /**
     * A replay begins anywhere below, and from there takes every message that was seen before. One
     * that is broken off may begin again further below: then the last of them has to catch up.
     */
    void repeat(Sighting sighting) {
      Long before = replayed;
      if (before != null
          && sighting.sequence() > before
          && isOwed(known.subMap(before, false, sighting.sequence(), false))) {
        reordered++;
        example("reordered", sighting + " came after " + before + " in a replay");
      }
      replayed = sighting.sequence();
    }

    void endReplay(String key) {
      if (replayed != null && isOwed(known.tailMap(replayed, false))) {
        stale++;
        example(
            "stale", "a replay of " + key + " ended at " + replayed + " before " + known.lastKey());
      }
      replayed = null;
    }

    private static boolean isOwed(Map<Long, Entry> leftOut) {
      return leftOut.values().stream().anyMatch(entry -> entry.has(Outcome.CONFIRMED));
    }
  }
}
