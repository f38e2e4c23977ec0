// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.flow.Settlements;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of one channel epoch is settled, and which acks say so in the fewest words: the run without
 * a gap as one, and what lies beyond a gap older than 100 ms one by one, so that a slow message
 * does not keep the others. Not thread-safe.
 *
 * @param <M> what is sent
 */
final class AckTracker<M> {
  static final Duration GAP = Duration.ofMillis(100);

  /** One ack. */
  record Ack(long tag, boolean multiple) {}

  private final Settlements<Held<M>> unsettled = new Settlements<>();
  private long ackedThrough;
  private final TreeSet<Long> beyondGap = new TreeSet<>();
  private final TreeSet<Long> ackedSingly = new TreeSet<>();
  private long gapSince;

  void add(Held<M> entry) {
    unsettled.register(entry.tag, entry);
  }

  void settle(Held<M> entry, long now) {
    if (unsettled.settle(entry.tag) == null) {
      return;
    }
    if (entry.tag > settledThrough()) {
      if (beyondGap.isEmpty()) {
        gapSince = now;
      }
      beyondGap.add(entry.tag);
    } else {
      beyondGap.headSet(settledThrough(), true).clear();
      gapSince = now;
    }
  }

  /** What has not been settled, in the order of its delivery. */
  List<Held<M>> unsettled() {
    return unsettled.outstandingPayloads();
  }

  /** The lowest that has not been settled. */
  @Nullable Held<M> first() {
    OptionalLong lowest = unsettled.lowestOutstanding();
    return lowest.isEmpty() ? null : unsettled.find(lowest.getAsLong());
  }

  int count() {
    return unsettled.outstanding();
  }

  /** The next ack to send, or null if there is none yet. */
  @Nullable Ack next(long now) {
    long run = settledThrough();
    if (run > ackedThrough) {
      long tag = run;
      // A tag that was acked singly is unknown to the broker by now, which closes the channel.
      while (ackedSingly.contains(tag)) {
        tag--;
      }
      boolean isNews = tag > ackedThrough;
      ackedThrough = run;
      ackedSingly.headSet(run, true).clear();
      if (isNews) {
        return new Ack(tag, true);
      }
    }
    if (beyondGap.isEmpty() || now - gapSince < GAP.toNanos()) {
      return null;
    }
    Long single = beyondGap.pollFirst();
    ackedSingly.add(single);
    return new Ack(single, false);
  }

  /** How long until {@link #next} has a single ack; null if only an event can bring one. */
  @Nullable Duration untilDue(long now) {
    return beyondGap.isEmpty()
        ? null
        : Duration.ofNanos(Math.max(0, gapSince + GAP.toNanos() - now));
  }

  private long settledThrough() {
    return unsettled.settledThrough().orElse(0);
  }
}
