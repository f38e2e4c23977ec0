// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.bridge.TopicWorld.Bridge;
import com.trackunit.fabric.bridge.TopicWorld.Poison;
import com.trackunit.fabric.bridge.TopicWorld.Wire;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.flow.Window;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** One process with a route, its partitions and its channel, in a {@link TopicWorld}. */
final class TopicInstance {
  private record Sent(long sequence, Wire wire, PublishFate fate) {}

  final String name;
  private final TopicWorld world;
  private final Random random;
  private final int windowCount;
  private final RouteCore<Integer, Wire> core;

  private final long[] position = new long[TopicWorld.LANES];
  private final Set<Integer> assigned = new HashSet<>();
  private final Set<Integer> paused = new HashSet<>();
  private Map<Integer, Long> committing = Map.of();

  private final List<Sent> unanswered = new ArrayList<>();
  private final List<Runnable> late = new ArrayList<>();

  /** What a frozen process has not been told yet. */
  private final Deque<Runnable> untold = new ArrayDeque<>();

  private int frozenFor;

  /** The channel as the broker sees it; the core may not know yet that it is gone. */
  private boolean open;

  private boolean knowsItIsClosed = true;
  private long epoch;
  private long sequence;

  TopicInstance(TopicWorld world, String name) {
    this.world = world;
    this.name = name;
    this.random = world.random;
    this.windowCount = 1 + random.nextInt(12);
    this.core =
        new RouteCore<>(
            "exchange sim",
            new Window(windowCount, 1 + random.nextInt(2_000)),
            Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(500), random),
            Duration.ofMillis(5),
            world.policy);
    core.tick(world.now);
  }

  void step() {
    if (frozenFor > 0) {
      frozenFor--;
      process();
      if (frozenFor == 0) {
        world.trace.happened(Happening.THAW, name);
      }
      return;
    }
    core.tick(world.now);
    if (!untold.isEmpty()) {
      // What it does before it hears of the next thing may be stale.
      if (random.nextBoolean()) {
        untold.remove().run();
      }
    } else {
      for (int more = 1 + random.nextInt(4); more > 0 && untold.isEmpty(); more--) {
        act();
        obey();
      }
    }
    obey();
  }

  private void act() {
    switch (random.nextInt(world.faults ? 12 : 8)) {
      case 0, 1 -> poll();
      case 2, 3, 4 -> answer();
      case 5 -> finishCommit();
      case 6 -> openChannel();
      case 8 -> {
        if (open && random.nextInt(3) == 0) {
          process();
          close("killed");
        }
      }
      case 9 -> lateEvent();
      default -> answer();
    }
    if (!world.faults) {
      core.unblocked();
    }
  }

  void checkBounds() {
    if (core.counts().inFlight() > windowCount) {
      throw new Violation(name + " has " + core.counts().inFlight() + " in flight");
    }
  }

  // ---- what the world does to it ----------------------------------------------------------------

  void freeze(int turns) {
    frozenFor = turns;
    world.trace.happened(Happening.FREEZE, name);
  }

  boolean isFrozen() {
    return frozenFor > 0 || !untold.isEmpty();
  }

  /** It dies; the broker still takes some of what it had sent. */
  void die() {
    process();
  }

  void killChannel() {
    if (open) {
      process();
      close("missed heartbeats");
    }
  }

  void blockOrUnblock() {
    if (isFrozen()) {
      return;
    }
    if (random.nextInt(3) == 0) {
      world.trace.happened(Happening.BLOCKED, name);
      core.blocked("low on memory");
    } else {
      core.unblocked();
    }
  }

  // ---- its partitions ---------------------------------------------------------------------------

  boolean mayBeAssigned(int lane) {
    return !isFrozen() && !assigned.contains(lane);
  }

  void assigned(int lane, long from) {
    assigned.add(lane);
    paused.remove(lane);
    position[lane] = from;
    core.assigned(List.of(lane));
  }

  /** What may be committed for the lanes on leaving them. */
  Map<Integer, Long> revoked(List<Integer> lanes) {
    core.drain(lanes);
    while (random.nextInt(4) != 0) {
      answer();
      obey();
    }
    finishCommit(); // a client's commits reach the broker in their order
    Map<Integer, Long> last = core.revoked(lanes);
    checkLanes(lanes, last);
    assigned.removeAll(lanes);
    return last;
  }

  void lost(List<Integer> lanes) {
    Runnable event =
        () -> {
          finishCommit(); // of a generation that is over
          core.lost(lanes);
          assigned.removeAll(lanes);
        };
    if (isFrozen()) {
      untold.add(event);
    } else {
      event.run();
    }
  }

  private void checkLanes(Iterable<Integer> lanes, Map<Integer, Long> offsets) {
    Set<Integer> foreign = new HashSet<>(offsets.keySet());
    lanes.forEach(foreign::remove);
    if (!foreign.isEmpty()) {
      throw new Violation("commits lanes " + foreign + ", which it does not have");
    }
    world.checkCommit(offsets);
  }

  private void poll() {
    for (int lane : assigned) {
      if (!paused.contains(lane) && random.nextBoolean()) {
        int count = 1 + random.nextInt(8);
        for (Wire wire : world.log.get(lane).tailMap(position[lane]).values()) {
          if (count-- == 0) {
            break;
          }
          world.trace.happened(Happening.DELIVERY, wire + " to " + name);
          if (wire.id().equals("same")) {
            world.trace.happened(Happening.REUSED_ID, wire);
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
    boolean isOurs = world.group.owns(this, offsets.keySet());
    int dice = world.faults ? random.nextInt(6) : 5;
    if (dice < 2 || !isOurs) {
      boolean arrived = dice == 0 && isOurs;
      if (arrived) {
        world.group.commit(this, offsets);
      }
      world.trace.happened(
          arrived ? Happening.UNKNOWN_COMMIT : Happening.FAILED_COMMIT, offsets + " of " + name);
      core.commitFailed();
      return;
    }
    world.trace.happened(Happening.COMMIT, offsets + " of " + name);
    world.group.commit(this, offsets);
    core.committed(offsets);
  }

  // ---- its channel ------------------------------------------------------------------------------

  private void openChannel() {
    if (!open && knowsItIsClosed) {
      open = true;
      knowsItIsClosed = false;
      epoch++;
      sequence = 0;
      world.trace.happened(Happening.NEW_CHANNEL, name);
      core.opened(epoch);
    }
  }

  /** The broker deals with the next messages, in their order; their answers come later. */
  private void process() {
    int more = random.nextInt(6);
    for (int i = 0; i < unanswered.size() && more > 0; i++) {
      Sent sent = unanswered.get(i);
      if (sent.fate() != PublishFate.UNDECIDED) {
        continue;
      }
      PublishFate fate = decide(sent.wire());
      if (fate == PublishFate.KILLS_THE_CHANNEL) {
        close("404 NOT_FOUND - no exchange");
        return;
      }
      unanswered.set(i, new Sent(sent.sequence(), sent.wire(), fate));
      more--;
    }
  }

  private void refused(Wire wire) {
    world.failed.add(wire);
  }

  private PublishFate decide(Wire wire) {
    if (wire.poison() == Poison.KILLS_THE_CHANNEL) {
      refused(wire);
      world.trace.happened(Happening.POISON, wire);
      return PublishFate.KILLS_THE_CHANNEL;
    }
    int dice = world.faults ? random.nextInt(20) : 20;
    if (wire.poison() == Poison.UNROUTABLE || dice == 1) {
      refused(wire);
      world.trace.happened(Happening.RETURN, wire + " to " + name);
      if (world.bridge != Bridge.TAKES_A_RETURN_FOR_A_CONFIRM) {
        long of = epoch;
        tell(() -> core.returned(of, wire.id(), "312 NO_ROUTE"));
      }
      return PublishFate.RETURNED;
    }
    if (dice == 0) {
      refused(wire);
      return PublishFate.NACKED;
    }
    world.accept(wire);
    return PublishFate.ACCEPTED;
  }

  private void tell(Runnable event) {
    if (isFrozen()) {
      untold.add(event);
    } else {
      event.run();
    }
  }

  private void close(String reason) {
    if (!open) {
      return;
    }
    open = false;
    world.trace.happened(Happening.DEAD_CHANNEL, "of " + name + ", " + reason);
    long old = epoch;
    for (Sent sent : unanswered) {
      boolean ignoresEpochs = world.bridge == Bridge.IGNORES_EPOCHS;
      late.add(() -> core.confirmed(ignoresEpochs ? epoch : old, sent.sequence(), false));
    }
    boolean hadSome = !unanswered.isEmpty();
    unanswered.clear();
    tell(
        () -> {
          if (world.bridge == Bridge.FORGETS_WHAT_A_DEAD_CHANNEL_HAD && hadSome) {
            core.confirmed(epoch, sequence, true);
          }
          knowsItIsClosed = true;
          core.closed(old, reason);
        });
  }

  private void lateEvent() {
    if (!late.isEmpty()) {
      world.trace.happened(Happening.LATE_ANSWER, "to " + name);
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
    if (last.fate() == PublishFate.UNDECIDED) {
      return;
    }
    List<Sent> upTo = unanswered.subList(0, index + 1);
    boolean multiple =
        random.nextBoolean()
            && upTo.stream()
                .allMatch(
                    s ->
                        s.fate() != PublishFate.UNDECIDED
                            && s.fate().isAcked() == last.fate().isAcked());
    if (multiple) {
      upTo.clear();
    } else {
      unanswered.remove(index);
    }
    if (last.fate().isAcked() || world.bridge == Bridge.TAKES_A_NACK_FOR_A_CONFIRM) {
      world.trace.happened(Happening.CONFIRM, last.wire() + (multiple ? " and before" : ""));
      core.confirmed(epoch, last.sequence(), multiple);
    } else {
      world.trace.happened(Happening.NACK, last.wire() + (multiple ? " and before" : ""));
      core.nacked(epoch, last.sequence(), multiple);
    }
  }

  // ---- the core's commands ----------------------------------------------------------------------

  private void obey() {
    RouteCommand<Integer, Wire> command;
    while ((command = core.next()) != null) {
      if (command instanceof RouteCommand.Publish<Integer, Wire> publish) {
        publish(publish.message(), publish.deadBecause() != null);
      } else if (command instanceof RouteCommand.Commit<Integer, Wire> commit) {
        committing = broken(commit.offsets());
        checkLanes(assigned, committing);
      } else if (command instanceof RouteCommand.Pause<Integer, Wire> pause) {
        paused.addAll(pause.lanes());
      } else if (command instanceof RouteCommand.Resume<Integer, Wire> resume) {
        paused.removeAll(resume.lanes());
      }
    }
  }

  private Map<Integer, Long> broken(Map<Integer, Long> offsets) {
    if (world.bridge != Bridge.COMMITS_THE_HIGHEST_CONFIRMED) {
      return offsets;
    }
    Map<Integer, Long> highest = new HashMap<>(offsets);
    highest.replaceAll(world::highestAccepted);
    return highest;
  }

  private void publish(Wire original, boolean isDead) {
    if (knowsItIsClosed) {
      throw new Violation("publishes without a channel");
    }
    if (isDead && original.poison() == Poison.NONE && !world.failed.contains(original)) {
      throw new Violation("dead-letters what was never refused: " + original);
    }
    Wire wire =
        isDead
            ? new Wire(original.lane(), original.offset(), original.id(), Poison.NONE)
            : original;
    if (wire.poison() == Poison.NOT_ENCODABLE || (world.faults && random.nextInt(40) == 0)) {
      refused(original);
      world.trace.happened(Happening.POISON, original);
      core.refused("headers too large");
      return;
    }
    if (world.faults && open && random.nextInt(60) == 0) {
      close("died while writing");
      if (knowsItIsClosed) {
        return;
      }
    }
    if (isDead) {
      refused(wire);
    } else {
      world.written(wire);
    }
    sequence++;
    world.trace.happened(Happening.PUBLISH, wire + " by " + name + (isDead ? ", dead" : ""));
    core.published(sequence);
    if (open) {
      unanswered.add(new Sent(sequence, wire, PublishFate.UNDECIDED));
    }
  }

  @Override
  public String toString() {
    return name + " " + core.counts() + ", trouble " + core.trouble();
  }
}
