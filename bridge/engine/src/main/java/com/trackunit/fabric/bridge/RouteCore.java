// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.flow.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The heart of a route from a log of partitions to a confirming sink: events in (the methods
 * without a result), commands out ({@link #next}). It has no thread, no clock and no client; the
 * same events in the same order give the same commands.
 *
 * <p>What it guarantees, whatever the events: no offset is committed past a record that is not
 * confirmed; the records of a lane are first published in their order; a record that is not
 * confirmed is published again, its lane from the lowest such record on; events of an old channel
 * epoch or an old assignment change nothing.
 *
 * <p>Not thread-safe.
 *
 * @param <L> what identifies a lane, such as a topic's partition
 * @param <M> what is published
 */
final class RouteCore<L, M> {
  /** Reply codes: content too large, access refused, not found, precondition failed. */
  private static final Pattern VERDICT = Pattern.compile("\\b(311|403|404|406)\\b");

  private final String target;
  private final Backoff backoff;
  private final long commitEveryNanos;
  private final ErrorPolicy errorPolicy;
  private boolean paused;

  private final Map<L, Lane<L, M>> lanes = new LinkedHashMap<>();
  private List<Lane<L, M>> turns = List.of();
  private int turn;
  private final SinkWindow<L, M> sink;

  /** A lane whose next message may kill the channel: it goes alone, to take nobody with it. */
  private @Nullable Lane<L, M> probe;

  private long now;
  private long lastCommitAt;
  private boolean committing;
  private final Map<L, Long> committed = new LinkedHashMap<>();

  private final Totals totals = new Totals();
  private @Nullable RouteException lastError;

  /**
   * A route with no lanes and no channel.
   *
   * @param target where it publishes, for messages
   * @param window what may be in flight
   * @param backoff how long a lane stands still after a failure
   * @param commitEvery how often offsets are committed at most
   * @param errorPolicy for what the sink does not take
   */
  RouteCore(
      String target,
      Window window,
      Backoff backoff,
      Duration commitEvery,
      ErrorPolicy errorPolicy) {
    this.errorPolicy = errorPolicy;
    this.target = target;
    this.sink = new SinkWindow<>(window);
    this.backoff = backoff;
    this.commitEveryNanos = commitEvery.toNanos();
  }

  // ---- events: the source -------------------------------------------------------------------

  /** Lanes that this route reads from now on; one that it had already begins anew. */
  void assigned(Collection<L> ids) {
    lost(ids);
    ids.forEach(id -> lanes.put(id, new Lane<>(id)));
    turns = new ArrayList<>(lanes.values());
  }

  /** A record of a lane; offsets rise within it. */
  void polled(L id, long offset, Outbound<M> outbound) {
    lane(id).add(offset, outbound, now);
    totals.add(RouteCounter.TAKEN);
  }

  /** A record that is not wanted: it only takes its place among the offsets. */
  void filtered(L id, long offset) {
    totals.add(RouteCounter.TAKEN);
    totals.add(RouteCounter.FILTERED);
    lane(id).skip(offset);
  }

  /** Publishes nothing more until told otherwise; what is in flight is still settled. */
  void pause(boolean on) {
    paused = on;
  }

  /** These lanes are about to be taken away: publish no more of them. */
  void drain(Collection<L> ids) {
    for (L id : ids) {
      lane(id).drain();
      endProbe(lane(id));
    }
  }

  /**
   * These lanes are taken away now.
   *
   * @return what may still be committed for them
   */
  Map<L, Long> revoked(Collection<L> ids) {
    Map<L, Long> last = new LinkedHashMap<>();
    for (L id : ids) {
      lane(id)
          .committable(committed.getOrDefault(id, 0L))
          .ifPresent(offset -> last.put(id, offset));
    }
    lost(ids);
    return last;
  }

  /** These lanes belong to somebody else already: commit nothing. */
  void lost(Collection<L> ids) {
    for (L id : ids) {
      Lane<L, M> lane = lanes.remove(id);
      if (lane != null) {
        totals.add(RouteCounter.OVERTAKEN, lane.takeOvertaken());
        endProbe(lane);
      }
      committed.remove(id);
    }
    turns = new ArrayList<>(lanes.values());
    turn = 0;
  }

  /** A lane's next record is no longer there; the lane reads no further. */
  void positionLost(L id, RouteException why) {
    lane(id).positionLost(why);
    lastError = why;
  }

  /**
   * A lane's records are others now, from the first on; what was in flight of the old is dropped.
   */
  void begunAnew(L id, RouteException why) {
    assigned(List.of(id));
    lastError = why;
  }

  void committed(Map<L, Long> offsets) {
    committing = false;
    offsets.forEach(
        (id, offset) -> {
          if (lanes.containsKey(id)) {
            committed.merge(id, offset, Math::max);
          }
        });
  }

  /** The commit did not get through; the same offsets, or higher ones, are committed later. */
  void commitFailed() {
    committing = false;
    lanes.forEach((id, lane) -> lane.commitRequested = committed.getOrDefault(id, 0L));
  }

  // ---- events: the sink ---------------------------------------------------------------------

  void opened(long newEpoch) {
    if (sink.isOpen()) {
      closed(sink.epoch(), "a new epoch began");
    }
    sink.opened(newEpoch);
  }

  /** The answer to {@link RouteCommand.Publish}: written under this sequence number. */
  void published(long sequence) {
    sink.published(sequence, now).lane.published();
  }

  /** The answer to {@link RouteCommand.Publish}: it cannot be encoded, nothing was written. */
  void refused(String reason) {
    InFlight<L, M> entry = sink.refused();
    endProbe(entry.lane);
    RouteException why = failure(RouteException.Kind.NOT_ENCODABLE, entry, reason);
    freeze(entry, why);
    blame(entry, why, 1);
  }

  void confirmed(long ofEpoch, long sequence, boolean multiple) {
    for (InFlight<L, M> entry : settle(ofEpoch, sequence, multiple)) {
      if (entry.returnedBecause != null) {
        totals.add(RouteCounter.RETURNED);
        fail(entry, RouteException.Kind.UNROUTABLE, entry.returnedBecause);
      } else {
        totals.add(entry.deadBecause == null ? RouteCounter.CONFIRMED : RouteCounter.DEAD_LETTERED);
        sink.succeeded();
        entry.lane.confirmed(entry);
      }
    }
  }

  void nacked(long ofEpoch, long sequence, boolean multiple) {
    for (InFlight<L, M> entry : settle(ofEpoch, sequence, multiple)) {
      totals.add(RouteCounter.REJECTED);
      fail(entry, RouteException.Kind.REJECTED, "nacked by the broker");
    }
  }

  /**
   * A message could not be routed; its confirm follows. Ids come from producers and may repeat:
   * then every message in flight under the id counts as returned, because a copy too many is better
   * than a message lost.
   */
  void returned(long ofEpoch, String messageId, String reason) {
    if (!sink.isCurrent(ofEpoch)) {
      return;
    }
    List<InFlight<L, M>> meant =
        sink.outstanding().stream()
            .filter(entry -> entry.outbound.messageId().equals(messageId))
            .toList();
    for (InFlight<L, M> entry : meant) {
      entry.returnedBecause = reason;
      entry.isOneOfSeveral = meant.size() > 1;
    }
  }

  void blocked(String reason) {
    sink.blocked(reason);
  }

  void unblocked() {
    sink.blocked(null);
  }

  /** The epoch is over; what it had in flight is unknown and is published again. */
  void closed(long ofEpoch, String reason) {
    if (!sink.isCurrent(ofEpoch)) {
      return;
    }
    probe = null;
    List<InFlight<L, M>> unknown = sink.closed(reason);
    totals.add(RouteCounter.UNKNOWN, unknown.size());
    if (unknown.size() == 1) {
      InFlight<L, M> suspect = unknown.get(0);
      RouteException why = failure(RouteException.Kind.CHANNEL_LOST, suspect, reason);
      freeze(suspect, why);
      if (isVerdict(reason)) {
        blame(suspect, why, errorPolicy.attempts());
      }
    }
    lanes.values().forEach(Lane::channelClosed);
  }

  // ---- events: time -------------------------------------------------------------------------

  /** It is this late now, on a monotonic clock. */
  void tick(long nanos) {
    now = nanos;
    for (Lane<L, M> lane : turns) {
      if (!lane.mayThaw(now)) {
        continue;
      }
      RouteException problem = lane.problem();
      if (problem == null || problem.kind() != RouteException.Kind.CHANNEL_LOST) {
        lane.thaw();
      } else if (probe == null) {
        lane.thaw();
        probe = lane;
      }
    }
  }

  // ---- commands -----------------------------------------------------------------------------

  /**
   * The next thing to do.
   *
   * @return null if there is nothing to do until another event comes
   * @throws IllegalStateException if the last {@code Publish} has not been answered
   */
  @Nullable RouteCommand<L, M> next() {
    if (sink.isPublishing()) {
      throw new IllegalStateException("route core: the last publish has not been answered");
    }
    RouteCommand<L, M> publish = nextPublish();
    if (publish != null) {
      return publish;
    }
    RouteCommand<L, M> commit = nextCommit();
    return commit == null ? nextPauseOrResume() : commit;
  }

  private RouteCommand.@Nullable Publish<L, M> nextPublish() {
    InFlight<L, M> entry = !paused && sink.mayPublish() ? candidate() : null;
    return entry == null || !sink.tryEnter(entry)
        ? null
        : new RouteCommand.Publish<>(entry.outbound.message(), entry.deadBecause);
  }

  private @Nullable InFlight<L, M> candidate() {
    if (probe != null && sink.isIdle() && probe.waiting() == 0) {
      probe = null; // the error policy has let go of what it was about
    }
    if (probe != null) {
      return sink.isIdle() ? probe.next() : null;
    }
    // A lane keeps its turn until it has nothing to publish: looking at each lane for each message
    // would cost more than the publish.
    for (int i = 0; i < turns.size(); i++) {
      int index = (turn + i) % turns.size();
      InFlight<L, M> entry = turns.get(index).next();
      if (entry != null) {
        turn = index;
        return entry;
      }
    }
    return null;
  }

  private RouteCommand.@Nullable Commit<L, M> nextCommit() {
    if (committing || now - lastCommitAt < commitEveryNanos) {
      return null;
    }
    Map<L, Long> offsets = new LinkedHashMap<>();
    for (Lane<L, M> lane : turns) {
      lane.committable(lane.commitRequested)
          .ifPresent(
              offset -> {
                offsets.put(lane.id(), offset);
                lane.commitRequested = offset;
              });
    }
    if (offsets.isEmpty()) {
      return null;
    }
    committing = true;
    lastCommitAt = now;
    return new RouteCommand.Commit<>(offsets);
  }

  private @Nullable RouteCommand<L, M> nextPauseOrResume() {
    List<L> pause = new ArrayList<>();
    List<L> resume = new ArrayList<>();
    for (Lane<L, M> lane : turns) {
      boolean full = paused || sink.isFull() || lane.isFull();
      if (full != lane.paused) {
        (full ? pause : resume).add(lane.id());
      }
    }
    List<L> changed = pause.isEmpty() ? resume : pause;
    changed.forEach(id -> lane(id).paused = changed == pause);
    if (changed.isEmpty()) {
      return null;
    }
    return changed == pause
        ? new RouteCommand.Pause<>(changed)
        : new RouteCommand.Resume<>(changed);
  }

  // ---- what it knows ------------------------------------------------------------------------

  /** How many messages of these lanes are in flight. */
  int inFlight(Collection<L> ids) {
    return ids.stream().map(lanes::get).filter(Objects::nonNull).mapToInt(Lane::inFlight).sum();
  }

  /** The lanes it reads. */
  List<L> lanes() {
    return List.copyOf(lanes.keySet());
  }

  /** What is wrong now, or null if all is well. */
  @Nullable String trouble() {
    String sinkTrouble = sink.trouble(now);
    if (sinkTrouble != null) {
      return sinkTrouble;
    }
    for (Lane<L, M> lane : turns) {
      RouteException problem = lane.problem();
      if (problem != null) {
        return problem.getMessage();
      }
    }
    return null;
  }

  /** How long until {@link #tick} has something to do, at most a given time. */
  Duration untilDue(Duration atMost) {
    Duration due = atMost;
    for (Lane<L, M> lane : turns) {
      Duration retry = lane.untilRetry(now);
      if (retry != null && retry.compareTo(due) < 0) {
        due = retry;
      }
      if (!committing && lane.committable(lane.commitRequested).isPresent()) {
        Duration commit = Duration.ofNanos(Math.max(0, lastCommitAt + commitEveryNanos - now));
        due = commit.compareTo(due) < 0 ? commit : due;
      }
    }
    return due;
  }

  RouteCounts counts() {
    turns.forEach(lane -> totals.add(RouteCounter.OVERTAKEN, lane.takeOvertaken()));
    int waiting = turns.stream().mapToInt(Lane::waiting).sum();
    return totals.toCounts(sink.count(), waiting);
  }

  Map<L, Long> committedOffsets() {
    return Map.copyOf(committed);
  }

  /** Since when the oldest record that is not settled is here; empty if there is none. */
  OptionalLong oldestSince() {
    return turns.stream().mapToLong(Lane::oldestSince).filter(at -> at != Lane.NONE).min();
  }

  /** Whether everything published is settled, and committed. */
  boolean isDrained() {
    return sink.isIdle()
        && !committing
        && turns.stream()
            .noneMatch(lane -> lane.committable(committed.getOrDefault(lane.id(), 0L)).isPresent());
  }

  @Nullable RouteException lastError() {
    return lastError;
  }

  // ---- inside -------------------------------------------------------------------------------

  private List<InFlight<L, M>> settle(long ofEpoch, long sequence, boolean multiple) {
    List<InFlight<L, M>> settled = sink.settle(ofEpoch, sequence, multiple, now);
    settled.forEach(entry -> endProbe(entry.lane));
    return settled;
  }

  private void endProbe(Lane<L, M> lane) {
    if (probe == lane) {
      probe = null;
    }
  }

  private void fail(InFlight<L, M> entry, RouteException.Kind kind, String reason) {
    RouteException why = failure(kind, entry, reason);
    lastError = why;
    entry.lane.failedInFlight(why, retryAt(entry.lane));
    // A queue that is full is nobody's fault: it is waited for.
    if (kind == RouteException.Kind.UNROUTABLE && !entry.isOneOfSeveral) {
      blame(entry, why, errorPolicy.attempts());
    }
  }

  /** Whether the broker closed the channel because of what was sent, and did not just go away. */
  private static boolean isVerdict(String reason) {
    return VERDICT.matcher(reason).find();
  }

  /** The error policy decides about a message that may be at fault itself. */
  private void blame(InFlight<L, M> entry, RouteException why, int attempts) {
    entry.failures++;
    if (entry.failures < attempts || entry.deadBecause != null) {
      return;
    }
    switch (errorPolicy.action()) {
      case SKIP -> {
        totals.add(RouteCounter.SKIPPED);
        entry.lane.forget(entry);
      }
      case DEAD_LETTER -> entry.deadBecause = why;
      case STOP -> {}
    }
  }

  private void freeze(InFlight<L, M> entry, RouteException why) {
    lastError = why;
    entry.lane.freeze(why, retryAt(entry.lane));
  }

  private long retryAt(Lane<L, M> lane) {
    return now + backoff.delay(lane.failures() + 1).toNanos();
  }

  private RouteException failure(RouteException.Kind kind, InFlight<L, M> entry, String reason) {
    return RouteException.ofMessage(kind, entry + " to " + target, reason);
  }

  private Lane<L, M> lane(L id) {
    Lane<L, M> lane = lanes.get(id);
    if (lane == null) {
      throw new IllegalStateException("route core: " + id + " is not assigned");
    }
    return lane;
  }
}
