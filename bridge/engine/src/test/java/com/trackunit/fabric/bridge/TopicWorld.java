// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A log with partitions and offset gaps, a broker with confirms, and two instances of a route
 * between them, driven by a {@link Schedule} through every fault; the first guarantee broken is
 * thrown as a {@link Violation}.
 */
final class TopicWorld {
  /** One message as the sink sees it. */
  record Wire(int lane, long offset, String id, Poison poison) {
    @Override
    public String toString() {
      return lane + "-" + offset + (poison == Poison.NONE ? "" : " " + poison);
    }
  }

  /** Why the sink will never take a message, if so. */
  enum Poison {
    NONE,
    NOT_ENCODABLE,
    KILLS_THE_CHANNEL,
    UNROUTABLE
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

  static final int LANES = 3;
  private static final int RECORDS = 40;

  /** Looking whether all is done costs more than a step. */
  private static final int LOOKS_EVERY = 32;

  final Random random = new Random();
  final Bridge bridge;
  final Trace trace;
  private final Schedule schedule;
  final ErrorPolicy policy;
  long now;
  boolean faults = true;

  // Kafka.
  final List<SortedMap<Long, Wire>> log = new ArrayList<>();
  final SimulatedGroup<TopicInstance> group = new SimulatedGroup<>();

  // RabbitMQ, and who judges.
  private final List<TreeSet<Long>> accepted = new ArrayList<>();
  private final Set<Wire> published = new HashSet<>();
  private final Map<Integer, Long> highestPublished = new HashMap<>();
  final Set<Wire> failed = new HashSet<>();
  private final Set<Wire> overtakenSeen = new HashSet<>();

  private final List<TopicInstance> instances = new ArrayList<>();

  TopicWorld(Schedule schedule, Bridge bridge, Trace trace) {
    this.schedule = schedule;
    this.bridge = bridge;
    this.trace = trace;
    random.setSeed(schedule.seed());
    this.policy =
        switch (random.nextInt(3)) {
          case 0 -> ErrorPolicy.stop();
          case 1 -> ErrorPolicy.skip().afterAttempts(2);
          default -> ErrorPolicy.deadLetterTo("dead").afterAttempts(2);
        };
    for (int lane = 0; lane < LANES; lane++) {
      log.add(records(lane));
      accepted.add(new TreeSet<>());
    }
    instances.add(new TopicInstance(this, "a"));
    instances.add(new TopicInstance(this, "b"));
  }

  private SortedMap<Long, Wire> records(int lane) {
    TreeMap<Long, Wire> records = new TreeMap<>();
    long offset = random.nextInt(3);
    for (int i = 0; i < RECORDS; i++) {
      // An id that repeats now and then: producers choose ids.
      String id = random.nextInt(10) == 0 ? "same" : lane + "-" + offset;
      records.put(offset, new Wire(lane, offset, id, poison()));
      offset += random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
    }
    return records;
  }

  private Poison poison() {
    return policy.action() == ErrorPolicy.Action.STOP || random.nextInt(12) > 0
        ? Poison.NONE
        : Poison.values()[1 + random.nextInt(3)];
  }

  /** Runs the schedule, then goes on without faults until everything has arrived. */
  void run() {
    for (int i = 0; i < schedule.length(); i++) {
      random.setSeed(schedule.step(i));
      step();
    }
    faults = false;
    random.setSeed(schedule.endSeed());
    for (int i = 0; i % LOOKS_EVERY != 0 || !isDone(); i++) {
      if (i > 20_000) {
        throw new Violation("stands still: " + instances);
      }
      step();
    }
  }

  private void step() {
    now += random.nextInt(40) == 0 ? 2_000_000_000L : random.nextInt(10_000_000);
    TopicInstance instance = instances.get(random.nextInt(instances.size()));
    switch (random.nextInt(faults ? 80 : 16)) {
      case 14, 15 -> assign();
      case 16 -> takeAway(instance);
      case 17 -> instance.blockOrUnblock();
      case 18 -> {
        if (random.nextInt(5) == 0) {
          restart(instance);
        }
      }
      case 19 -> instance.freeze(random.nextInt(30));
      case 20 -> {
        instance.freeze(random.nextInt(30));
        lose(instance, group.partitionsOf(instance)); // its session has timed out
      }
      case 21 -> instance.killChannel();
      default -> instance.step();
    }
    instances.forEach(TopicInstance::checkBounds);
  }

  /** The messages whose first arrival came after that of a later one of their lane. */
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
                group.committed.getOrDefault(lane, 0L) == log.get(lane).lastKey() + 1
                    && log.get(lane).values().stream()
                        .allMatch(w -> accepted.get(lane).contains(w.offset()) || isSkipped(w)));
  }

  // ---- Kafka ------------------------------------------------------------------------------------

  private void assign() {
    for (int lane = 0; lane < LANES; lane++) {
      TopicInstance next = instances.get(random.nextInt(instances.size()));
      if (group.owner(lane) == null && next.mayBeAssigned(lane)) {
        long from = group.assign(lane, next);
        trace.happened(Happening.ASSIGNED_PARTITION, lane + " to " + next.name);
        if (next != instances.get(0)) {
          trace.happened(Happening.SECOND_INSTANCE, next.name);
        }
        next.assigned(lane, from);
      }
    }
  }

  private void takeAway(TopicInstance instance) {
    List<Integer> some = new ArrayList<>(group.partitionsOf(instance));
    Collections.shuffle(some, random);
    List<Integer> taken = List.copyOf(some.subList(0, (some.size() + 1) / 2));
    if (random.nextBoolean() && !instance.isFrozen()) {
      trace.happened(Happening.REVOKED_PARTITION, taken + " from " + instance.name);
      group.commit(instance, instance.revoked(taken));
      taken.forEach(group::free);
    } else {
      lose(instance, taken);
    }
  }

  private void lose(TopicInstance instance, List<Integer> lanes) {
    if (lanes.isEmpty()) {
      return;
    }
    trace.happened(Happening.LOST_PARTITION, lanes + " from " + instance.name);
    lanes.forEach(group::free);
    instance.lost(lanes);
  }

  /** What would lose messages, if it were committed. */
  void checkCommit(Map<Integer, Long> offsets) {
    offsets.forEach(
        (lane, offset) -> {
          for (Wire wire : log.get(lane).headMap(offset).values()) {
            if (!accepted.get(lane).contains(wire.offset()) && !isSkipped(wire)) {
              throw new Violation("commits " + offset + " of lane " + lane + " past " + wire);
            }
          }
        });
  }

  private void restart(TopicInstance instance) {
    trace.happened(Happening.RESTART, instance.name);
    instance.die();
    group.partitionsOf(instance).forEach(group::free);
    instances.set(instances.indexOf(instance), new TopicInstance(this, instance.name));
  }

  // ---- RabbitMQ ---------------------------------------------------------------------------------

  /** An instance writes a message that may reach the broker or not. */
  void written(Wire wire) {
    if (!published.add(wire)) {
      return;
    }
    Long highest = highestPublished.put(wire.lane(), wire.offset());
    // What was on its way to the dead letters once may be taken after all by the next bridge.
    boolean wasLetGo = policy.action() != ErrorPolicy.Action.STOP && failed.contains(wire);
    if (highest != null && highest > wire.offset() && !wasLetGo) {
      throw new Violation("first published out of order: " + wire + " after " + highest);
    }
  }

  void accept(Wire wire) {
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

  long highestAccepted(int lane, long orElse) {
    return accepted.get(lane).isEmpty() ? orElse : accepted.get(lane).last() + 1;
  }
}
