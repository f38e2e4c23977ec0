// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A kind of simulated world with a bridge in it, whole or broken on purpose. */
record Simulation(String what, Maker maker) {
  private static final int STEPS = 400;

  /** Makes a world; whoever runs it learns of the first guarantee that does not hold. */
  @FunctionalInterface
  interface Maker {
    Runnable world(Schedule schedule, Trace trace);
  }

  static Simulation ofTopic(TopicWorld.Bridge bridge) {
    return new Simulation(
        "topic to exchange" + broken(bridge),
        (schedule, trace) -> new TopicWorld(schedule, bridge, trace)::run);
  }

  static Simulation ofQueue(QueueWorld.Bridge bridge, boolean effectivelyOnce) {
    return new Simulation(
        "queue to topic, "
            + (effectivelyOnce ? "effectively" : "at least")
            + " once"
            + broken(bridge),
        (schedule, trace) -> new QueueWorld(schedule, bridge, effectivelyOnce, trace)::run);
  }

  /** The bridge as it is. */
  static List<Simulation> whole() {
    return List.of(
        ofTopic(TopicWorld.Bridge.WHOLE),
        ofQueue(QueueWorld.Bridge.WHOLE, false),
        ofQueue(QueueWorld.Bridge.WHOLE, true));
  }

  /** Bridges that must be convicted, or the worlds prove nothing. */
  static List<Simulation> broken() {
    List<Simulation> all = new ArrayList<>();
    Arrays.stream(TopicWorld.Bridge.values())
        .filter(bridge -> bridge != TopicWorld.Bridge.WHOLE)
        .forEach(bridge -> all.add(ofTopic(bridge)));
    for (QueueWorld.Bridge bridge : QueueWorld.Bridge.values()) {
      if (bridge != QueueWorld.Bridge.WHOLE) {
        all.add(ofQueue(bridge, bridge != QueueWorld.Bridge.IGNORES_EPOCHS));
      }
    }
    all.add(ofQueue(QueueWorld.Bridge.ACKS_BEFORE_CONFIRM, false));
    all.add(ofQueue(QueueWorld.Bridge.REQUEUES_ON_AN_ORDERED_LANE, false));
    return List.copyOf(all);
  }

  private static String broken(Enum<?> bridge) {
    return bridge.name().equals("WHOLE")
        ? ""
        : ", a bridge that " + bridge.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  static Schedule schedule(long seed) {
    return Schedule.of(seed, STEPS);
  }

  /** The guarantee that a schedule breaks, or null. */
  @Nullable String violation(Schedule schedule, Trace trace) {
    try {
      maker.world(schedule, trace).run();
      return null;
    } catch (Violation | RuntimeException e) {
      return e instanceof Violation ? e.getMessage() : e.toString();
    }
  }

  boolean isViolatedBy(Schedule schedule) {
    return violation(schedule, Trace.counting()) != null;
  }

  /** The first seed whose schedule it breaks; schedules know nothing of each other. */
  OptionalLong firstViolated(long first, long schedules) {
    return LongStream.range(first, first + schedules)
        .parallel()
        .filter(seed -> isViolatedBy(schedule(seed)))
        .findFirst();
  }

  @Override
  public String toString() {
    return what;
  }
}
