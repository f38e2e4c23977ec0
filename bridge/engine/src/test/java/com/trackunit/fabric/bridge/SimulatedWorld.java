// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.flow.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A log with partitions and offset gaps, a sink with confirms, and a core between them, driven by a
 * seed through every fault; after each step the guarantees are checked, and the first one broken is
 * thrown as a {@link Violation}.
 */
final class SimulatedWorld {
  /** A guarantee that did not hold. */
  static final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
      super(message);
    }
  }

  /** One message as the sink sees it. */
  record Wire(int lane, long offset, String id, Poison poison) {}

  /** Why the sink will never take a message, if so. */
  enum Poison {
    NONE,
    NOT_ENCODABLE,
    KILLS_THE_CHANNEL,
    UNROUTABLE
  }

  private enum Fate {
    UNDECIDED,
    ACCEPTED,
    RETURNED,
    NACKED
  }

  private record Sent(long sequence, Wire wire, Fate fate) {
    boolean isAcked() {
      return fate == Fate.ACCEPTED || fate == Fate.RETURNED;
    }
  }

  /** A bridge broken on purpose, or whole: what it does differently. */
  enum Bridge {
    WHOLE,
    COMMITS_THE_HIGHEST_CONFIRMED,
    IGNORES_EPOCHS,
    TAKES_A_RETURN_FOR_A_CONFIRM,
    TAKES_A_NACK_FOR_A_CONFIRM,
    FORGETS_WHAT_A_DEAD_CHANNEL_HAD
  }

  private static final int LANES = 3;
  private static final int RECORDS = 40;

  private final Random random;
  private final Bridge bridge;
  private final ErrorPolicy policy;
  private final List<TreeMap<Long, Wire>> log = new ArrayList<>();
  private final Map<Integer, Long> committed = new HashMap<>();
  private final long[] position = new long[LANES];
  private final Set<Integer> assigned = new HashSet<>();
  private final Set<Integer> paused = new HashSet<>();
  private Map<Integer, Long> committing = Map.of();

  private final List<TreeSet<Long>> accepted = new ArrayList<>();
  private final Set<Wire> published = new HashSet<>();
  private final Map<Integer, Long> highestPublished = new HashMap<>();
  private final Set<Wire> failed = new HashSet<>();
  private final Set<Wire> overtakenSeen = new HashSet<>();
  private final List<Sent> unanswered = new ArrayList<>();
  private final List<Runnable> late = new ArrayList<>();
  private boolean open;
  private long epoch;
  private long sequence;
  private long now;
  private boolean faults = true;

  private RouteCore<Integer, Wire> core;

  SimulatedWorld(long seed, Bridge bridge) {
    this.random = new Random(seed);
    this.bridge = bridge;
    this.policy =
        switch (random.nextInt(3)) {
          case 0 -> ErrorPolicy.stop();
          case 1 -> ErrorPolicy.skip().afterAttempts(2);
          default -> ErrorPolicy.deadLetterTo("dead").afterAttempts(2);
        };
    for (int lane = 0; lane < LANES; lane++) {
      TreeMap<Long, Wire> records = new TreeMap<>();
      long offset = random.nextInt(3);
      for (int i = 0; i < RECORDS; i++) {
        // An id that repeats now and then: producers choose ids.
        String id = random.nextInt(10) == 0 ? "same" : lane + "-" + offset;
        records.put(offset, new Wire(lane, offset, id, poison()));
        offset += random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
      }
      log.add(records);
      accepted.add(new TreeSet<>());
    }
    this.core = newCore();
  }

  private Poison poison() {
    return policy.action() == ErrorPolicy.Action.STOP || random.nextInt(12) > 0
        ? Poison.NONE
        : Poison.values()[1 + random.nextInt(3)];
  }

  private RouteCore<Integer, Wire> newCore() {
    return new RouteCore<>(
        "exchange sim",
        new Window(1 + random.nextInt(12), 1 + random.nextInt(2_000)),
        Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(500), random),
        Duration.ofMillis(5),
        policy);
  }

  /** Runs faults for a number of steps, then none, until everything has arrived. */
  void run(int steps) {
    for (int step = 0; step < steps; step++) {
      randomEvent();
      obey();
    }
    faults = false;
    for (int step = 0; !isDone(); step++) {
      if (step > 20_000) {
        throw new Violation("stands still: " + core.counts() + " trouble " + core.trouble());
      }
      randomEvent();
      obey();
    }
  }

  long overtaken() {
    return overtakenSeen.size();
  }

  /** With a policy that lets go: what was refused may be gone. */
  private boolean isSkipped(Wire wire) {
    return policy.action() == ErrorPolicy.Action.SKIP && failed.contains(wire);
  }

  private boolean isDone() {
    return IntStream.range(0, LANES)
        .allMatch(
            lane ->
                log.get(lane).values().stream()
                        .allMatch(w -> accepted.get(lane).contains(w.offset()) || isSkipped(w))
                    && committed.getOrDefault(lane, 0L) == log.get(lane).lastKey() + 1);
  }

  private void randomEvent() {
    now += random.nextInt(40) == 0 ? 2_000_000_000L : random.nextInt(10_000_000);
    core.tick(now);
    switch (random.nextInt(faults ? 16 : 8)) {
      case 0, 1 -> poll();
      case 2, 3, 4 -> answer();
      case 5 -> finishCommit();
      case 6 -> openChannel();
      case 7 -> assign();
      case 8 -> closeChannel();
      case 9 -> lateEvent();
      case 10 -> takeAway();
      case 11 -> blockOrUnblock();
      case 12 -> crashNowAndThen();
      default -> answer();
    }
    if (!faults) {
      core.unblocked();
    }
  }

  // ---- the log ----------------------------------------------------------------------------------

  private void assign() {
    for (int lane = 0; lane < LANES; lane++) {
      if (!assigned.contains(lane)) {
        assigned.add(lane);
        paused.remove(lane);
        position[lane] = committed.getOrDefault(lane, 0L);
        core.assigned(List.of(lane));
      }
    }
  }

  private void takeAway() {
    List<Integer> some = new ArrayList<>(assigned);
    Collections.shuffle(some, random);
    List<Integer> taken = some.subList(0, some.size() / 2);
    if (random.nextBoolean()) {
      core.drain(taken);
      while (random.nextInt(4) != 0) {
        answer();
        obey();
      }
      check(taken, core.revoked(taken)).forEach(this::commit);
    } else {
      core.lost(taken);
    }
    assigned.removeAll(taken);
  }

  private void poll() {
    for (int lane : assigned) {
      if (!paused.contains(lane) && random.nextBoolean()) {
        int count = 1 + random.nextInt(8);
        for (Wire wire : log.get(lane).tailMap(position[lane]).values()) {
          if (count-- == 0) {
            break;
          }
          core.polled(lane, wire.offset(), new Outbound<>(wire.id(), random.nextInt(300), wire));
          position[lane] = wire.offset() + 1;
        }
      }
    }
  }

  private void finishCommit() {
    if (committing.isEmpty()) {
      return;
    }
    Map<Integer, Long> offsets = committing;
    committing = Map.of();
    if (faults && random.nextInt(3) == 0) {
      core.commitFailed();
      return;
    }
    offsets.forEach(this::commit);
    core.committed(offsets);
  }

  private void commit(int lane, long offset) {
    committed.merge(lane, offset, Math::max);
  }

  private Map<Integer, Long> check(List<Integer> lanes, Map<Integer, Long> offsets) {
    for (var commit : offsets.entrySet()) {
      int lane = commit.getKey();
      if (!lanes.contains(lane)) {
        throw new Violation("commits lane " + lane + ", which it does not have");
      }
      for (Wire wire : log.get(lane).headMap(commit.getValue()).values()) {
        if (!accepted.get(lane).contains(wire.offset()) && !isSkipped(wire)) {
          throw new Violation(
              "commits "
                  + commit.getValue()
                  + " of lane "
                  + lane
                  + " past unconfirmed "
                  + wire.offset());
        }
      }
    }
    return offsets;
  }

  // ---- the sink ---------------------------------------------------------------------------------

  private void openChannel() {
    if (!open) {
      open = true;
      epoch++;
      sequence = 0;
      core.opened(epoch);
    }
  }

  /** The broker has dealt with some more of what was in flight, and nobody hears of it. */
  private void closeChannel() {
    if (open && random.nextInt(3) == 0) {
      process();
      if (open) {
        closeWith("killed");
      }
    }
  }

  /** The broker deals with the next messages, in their order; their answers come later. */
  private void process() {
    int more = random.nextInt(6);
    for (int i = 0; i < unanswered.size() && more > 0; i++) {
      Sent sent = unanswered.get(i);
      if (sent.fate() == Fate.UNDECIDED && sent.wire().poison() == Poison.KILLS_THE_CHANNEL) {
        failed.add(sent.wire());
        closeWith("404 NOT_FOUND - no exchange");
        return;
      }
      if (sent.fate() == Fate.UNDECIDED) {
        unanswered.set(i, new Sent(sent.sequence(), sent.wire(), decide(sent.wire())));
        more--;
      }
    }
  }

  private Fate decide(Wire wire) {
    if (wire.poison() == Poison.UNROUTABLE) {
      failed.add(wire);
      if (bridge != Bridge.TAKES_A_RETURN_FOR_A_CONFIRM) {
        core.returned(epoch, wire.id(), "312 NO_ROUTE");
      }
      return Fate.RETURNED;
    }
    int dice = faults ? random.nextInt(20) : 20;
    if (dice == 0) {
      failed.add(wire);
      return Fate.NACKED;
    }
    if (dice == 1) {
      failed.add(wire);
      if (bridge != Bridge.TAKES_A_RETURN_FOR_A_CONFIRM) {
        core.returned(epoch, wire.id(), "312 NO_ROUTE");
      }
      return Fate.RETURNED;
    }
    accept(wire);
    return Fate.ACCEPTED;
  }

  private void closeWith(String reason) {
    open = false;
    long old = epoch;
    for (Sent sent : unanswered) {
      boolean ignoresEpochs = bridge == Bridge.IGNORES_EPOCHS;
      late.add(() -> core.confirmed(ignoresEpochs ? epoch : old, sent.sequence(), false));
    }
    if (bridge == Bridge.FORGETS_WHAT_A_DEAD_CHANNEL_HAD && !unanswered.isEmpty()) {
      core.confirmed(epoch, sequence, true);
    }
    unanswered.clear();
    core.closed(old, reason);
  }

  private void lateEvent() {
    if (!late.isEmpty()) {
      late.remove(random.nextInt(late.size())).run();
    }
  }

  private void answer() {
    if (!open || unanswered.isEmpty()) {
      return;
    }
    process();
    if (unanswered.isEmpty()) {
      return;
    }
    int index = random.nextInt(unanswered.size());
    Sent last = unanswered.get(index);
    if (last.fate() == Fate.UNDECIDED) {
      return;
    }
    List<Sent> upTo = unanswered.subList(0, index + 1);
    boolean multiple =
        random.nextBoolean()
            && upTo.stream()
                .allMatch(s -> s.fate() != Fate.UNDECIDED && s.isAcked() == last.isAcked());
    if (multiple) {
      upTo.clear();
    } else {
      unanswered.remove(index);
    }
    if (last.isAcked() || bridge == Bridge.TAKES_A_NACK_FOR_A_CONFIRM) {
      core.confirmed(epoch, last.sequence(), multiple);
    } else {
      core.nacked(epoch, last.sequence(), multiple);
    }
  }

  private void accept(Wire wire) {
    TreeSet<Long> seen = accepted.get(wire.lane());
    if (seen.contains(wire.offset())) {
      return;
    }
    if (!seen.isEmpty() && seen.last() > wire.offset()) {
      overtakenSeen.add(wire);
      if (!failed.contains(wire)) {
        throw new Violation("reordered: " + wire + " arrives after offset " + seen.last());
      }
    }
    seen.add(wire.offset());
  }

  private void blockOrUnblock() {
    if (random.nextInt(3) == 0) {
      core.blocked("low on memory");
    } else {
      core.unblocked();
    }
  }

  private void crashNowAndThen() {
    if (random.nextInt(5) == 0) {
      // The broker still takes some of what the dead bridge had sent.
      process();
      unanswered.clear();
      late.clear();
      open = false;
      assigned.clear();
      committing = Map.of();
      core = newCore();
      core.tick(now);
    }
  }

  // ---- the core's commands ----------------------------------------------------------------------

  private void obey() {
    RouteCommand<Integer, Wire> command;
    while ((command = core.next()) != null) {
      if (command instanceof RouteCommand.Publish<Integer, Wire> publish) {
        publish(publish.message(), publish.deadBecause() != null);
      } else if (command instanceof RouteCommand.Commit<Integer, Wire> commit) {
        committing = check(List.copyOf(assigned), broken(commit.offsets()));
      } else if (command instanceof RouteCommand.Pause<Integer, Wire> pause) {
        paused.addAll(pause.lanes());
      } else if (command instanceof RouteCommand.Resume<Integer, Wire> resume) {
        paused.removeAll(resume.lanes());
      }
    }
  }

  private Map<Integer, Long> broken(Map<Integer, Long> offsets) {
    if (bridge != Bridge.COMMITS_THE_HIGHEST_CONFIRMED) {
      return offsets;
    }
    Map<Integer, Long> highest = new HashMap<>(offsets);
    highest.replaceAll(
        (lane, offset) -> accepted.get(lane).isEmpty() ? offset : accepted.get(lane).last() + 1);
    return highest;
  }

  private void publish(Wire original, boolean isDead) {
    if (!open) {
      throw new Violation("publishes without a channel");
    }
    if (isDead && original.poison() == Poison.NONE && !failed.contains(original)) {
      throw new Violation("dead-letters what was never refused: " + original);
    }
    Wire wire =
        isDead
            ? new Wire(original.lane(), original.offset(), original.id(), Poison.NONE)
            : original;
    if (wire.poison() == Poison.NOT_ENCODABLE) {
      failed.add(original);
      core.refused("headers too large");
      return;
    }
    if (faults && random.nextInt(40) == 0) {
      failed.add(original);
      core.refused("headers too large");
      return;
    }
    if (faults && random.nextInt(60) == 0) {
      closeWith("died while writing");
      return;
    }
    if (isDead) {
      failed.add(wire);
    } else if (published.add(wire)) {
      Long highest = highestPublished.put(wire.lane(), wire.offset());
      // What was on its way to the dead letters once may be taken after all by the next bridge.
      boolean wasLetGo = policy.action() != ErrorPolicy.Action.STOP && failed.contains(wire);
      if (highest != null && highest > wire.offset() && !wasLetGo) {
        throw new Violation("first published out of order: " + wire + " after " + highest);
      }
    }
    sequence++;
    core.published(sequence);
    unanswered.add(new Sent(sequence, wire, Fate.UNDECIDED));
  }
}
