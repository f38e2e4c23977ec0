// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One queue with a single active consumer, one topic with a ledger, and two instances of a route
 * between them, driven by a {@link Schedule} through every fault; the first guarantee broken is
 * thrown as a {@link Violation}.
 */
final class QueueWorld {
  /** What is done differently on purpose. */
  enum Bridge {
    WHOLE,
    ACKS_BEFORE_CONFIRM,
    IGNORES_EPOCHS,
    REQUEUES_ON_AN_ORDERED_LANE,
    FORGETS_THE_LEDGER,
    LOADS_THE_LEDGER_BEFORE_FENCING,
    ACKS_ON_A_COMMIT_TIMEOUT,
    DOES_NOT_PROVE_ITS_CHANNEL_ALIVE
  }

  /** A message of the source; two may have the same id and body. */
  record Letter(int index, String id, int partition, boolean poison) {
    @Override
    public String toString() {
      return index + " (" + id + (poison ? ", poison" : "") + ")";
    }

    Inbound<Letter> inbound(int size) {
      return new Inbound<>(id, Fingerprint.of("queue", id, new byte[0]), size, false, null, this);
    }
  }

  static final int LETTERS = 40;
  static final int PARTITIONS = 2;
  static final int CAPACITY = 1_000;

  final Random random = new Random();
  final Bridge bridge;
  final Trace trace;
  private final Schedule schedule;
  final boolean effectivelyOnce;
  final ErrorPolicy policy;
  long now = 1;
  boolean faults = true;

  // RabbitMQ.
  final List<Letter> letters = new ArrayList<>();
  final SimulatedQueue<QueueInstance> queue = new SimulatedQueue<>();
  private final Set<Integer> acked = new HashSet<>();

  // Kafka.
  private final List<List<Letter>> log = new ArrayList<>();
  private final Map<String, Integer> copies = new HashMap<>();
  private final Map<String, Integer> arrived = new HashMap<>();
  private final Set<Integer> there = new HashSet<>();
  private final int[] highest = new int[PARTITIONS];
  final TreeMap<Long, Fingerprint> ledger = new TreeMap<>();
  final SimulatedTransactions<QueueCommand.Send<Letter>> transactions =
      new SimulatedTransactions<>();
  private @Nullable Runnable undecided;

  private final List<QueueInstance> instances = new ArrayList<>();

  QueueWorld(Schedule schedule, Bridge bridge, boolean effectivelyOnce, Trace trace) {
    this.schedule = schedule;
    this.bridge = bridge;
    this.trace = trace;
    random.setSeed(schedule.seed());
    this.effectivelyOnce = effectivelyOnce;
    this.policy = random.nextBoolean() ? ErrorPolicy.deadLetterTo("dead") : ErrorPolicy.skip();
    for (int i = 0; i < LETTERS; i++) {
      String id = random.nextInt(12) == 0 ? "same" : "id" + i;
      Letter letter = new Letter(i, id, random.nextInt(PARTITIONS), random.nextInt(15) == 0);
      letters.add(letter);
      queue.publish(i);
      copies.merge(id, 1, Integer::sum);
    }
    for (int i = 0; i < PARTITIONS; i++) {
      log.add(new ArrayList<>());
      highest[i] = -1;
    }
    instances.add(new QueueInstance(this, "a"));
    instances.add(new QueueInstance(this, "b"));
  }

  /** Runs the schedule, then goes on without faults until everything has arrived. */
  void run() {
    for (int i = 0; i < schedule.length(); i++) {
      random.setSeed(schedule.step(i));
      step();
    }
    faults = false;
    random.setSeed(schedule.endSeed());
    for (int step = 0; acked.size() < LETTERS; step++) {
      if (step > 30_000) {
        throw new Violation("stands still with " + acked.size() + " acked: " + instances);
      }
      step();
    }
    for (String id : copies.keySet()) {
      if (arrived.getOrDefault(id, 0) == 0) {
        throw new Violation("lost: " + id);
      }
    }
  }

  private void step() {
    now += random.nextInt(50) == 0 ? 2_000_000_000L : random.nextInt(20_000_000);
    if (faults && random.nextInt(400) == 0) {
      now += 70_000_000_000L;
      trace.happened(Happening.TIME_OUT, "nobody answers for 70 s");
    }
    deliver();
    QueueInstance instance = instances.get(random.nextInt(instances.size()));
    switch (random.nextInt(faults ? 130 : 30)) {
      case 30 -> kill(instance, "killed");
      case 31 -> restartBroker();
      case 32 -> instance.freeze(random.nextInt(30));
      case 33 -> {
        trace.happened(Happening.RESTART, instance.name);
        instances.set(instances.indexOf(instance), crashed(instance));
      }
      case 34 -> instance.producerFails();
      case 35 -> {
        kill(instance, "missed heartbeats");
        instance.freeze(random.nextInt(30));
      }
      case 36 -> {
        instance.stallReader(random.nextInt(40));
        kill(instance, "half open");
      }
      default -> instance.step();
    }
    instances.forEach(QueueInstance::checkBounds);
  }

  private QueueInstance crashed(QueueInstance instance) {
    instance.die();
    queue.close(instance);
    return new QueueInstance(this, instance.name);
  }

  // ---- RabbitMQ ---------------------------------------------------------------------------------

  /** Pushes to the first consumer, which is the active one. */
  private void deliver() {
    QueueInstance active = queue.active();
    if (active == null || random.nextInt(3) == 0) {
      return;
    }
    for (int more = random.nextInt(5); more > 0; more--) {
      SimulatedQueue.Delivered next = queue.deliver(active);
      if (next == null) {
        return;
      }
      Letter letter = letters.get(next.message());
      boolean again = next.isRedelivered();
      trace.happened(Happening.DELIVERY, letter + " to " + active.name + (again ? ", again" : ""));
      if (letter.id().equals("same")) {
        trace.happened(Happening.REUSED_ID, letter);
      }
      if (active.name.equals("b")) {
        trace.happened(Happening.SECOND_INSTANCE, active.name);
      }
      active.deliver(next.tag(), letter, again);
    }
  }

  private void kill(QueueInstance instance, String reason) {
    if (queue.close(instance)) {
      trace.happened(Happening.DEAD_CHANNEL, "of " + instance.name + ", " + reason);
      instance.tellClosed(reason);
    }
  }

  /** Kill -9: every channel dies, and some of what was acked comes back. */
  private void restartBroker() {
    for (QueueInstance instance : queue.consumers()) {
      kill(instance, "broker killed");
    }
    List<Integer> recent = new ArrayList<>(new TreeSet<>(acked));
    int from = Math.max(0, recent.size() - random.nextInt(10));
    for (int index : recent.subList(from, recent.size())) {
      trace.happened(Happening.ACKED_REDELIVERED, index);
      acked.remove(index);
      queue.publish(index);
    }
  }

  void acked(Letter letter) {
    if (!there.contains(letter.index()) && arrived.getOrDefault(letter.id(), 0) == 0) {
      throw new Violation("acked before Kafka has it: " + letter);
    }
    trace.happened(Happening.ACK, letter);
    acked.add(letter.index());
  }

  // ---- Kafka ------------------------------------------------------------------------------------

  /** Fences off every other producer, after what hung in the air has been decided. */
  int initTransactions() {
    Runnable commit = undecided;
    undecided = null;
    if (commit != null && random.nextBoolean()) {
      commit.run();
    }
    return transactions.init();
  }

  /** Its answer never comes, and neither does anybody know whether it happens. */
  void leaveUndecided(Runnable commit) {
    undecided = commit;
  }

  void append(Letter letter, boolean isDead) {
    int count = arrived.merge(letter.id(), 1, Integer::sum);
    boolean isFirst = there.add(letter.index());
    if (letter.poison() && !isDead) {
      throw new Violation("Kafka took poison: " + letter);
    }
    if (effectivelyOnce && count > copies.getOrDefault(letter.id(), 0)) {
      throw new Violation("duplicated: " + letter);
    }
    if (isDead) {
      return;
    }
    log.get(letter.partition()).add(letter);
    if (isFirst) {
      if (letter.index() < highest[letter.partition()] && !letter.id().equals("same")) {
        throw new Violation("reordered: " + letter + " after " + highest[letter.partition()]);
      }
      highest[letter.partition()] = Math.max(highest[letter.partition()], letter.index());
    }
  }

  void skipped(Letter letter) {
    there.add(letter.index());
    arrived.merge(letter.id(), 0, Integer::sum);
    arrived.computeIfPresent(letter.id(), (id, count) -> Math.max(1, count));
  }

  LedgerSnapshot readLedger() {
    return LedgerSnapshot.of(CAPACITY, new LinkedHashMap<>(ledger));
  }
}
