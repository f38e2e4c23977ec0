// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.bridge.QueueWorld.Bridge;
import com.trackunit.fabric.bridge.QueueWorld.Letter;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.flow.Window;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One process with a route, its channel and its producer, in a {@link QueueWorld}. */
final class QueueInstance {
  private static final int PREFETCH = 12;

  final String name;
  private final QueueWorld world;
  private final QueueCore<Letter> core;
  private final boolean acksEarly;
  private final int windowCount;

  // The channel, as the broker sees it.
  private long epoch;
  private boolean open;

  /** What the reader thread has not handed over yet. */
  private final Deque<Runnable> fromRabbit = new ArrayDeque<>();

  private final Deque<Runnable> fromKafka = new ArrayDeque<>();
  private final List<Runnable> late = new ArrayList<>();

  // The producer.
  private final Deque<QueueCommand.Send<Letter>> pipe = new ArrayDeque<>();
  private long life;
  private int producerEpoch = -1;
  private @Nullable Opening opening;
  private long brokenLife = -1;
  private int frozenFor;
  private int readerStalledFor;

  private static final class Opening {
    final QueueCommand.OpenProducer<Letter> command;
    int stage;
    int epoch;
    LedgerSnapshot read = LedgerSnapshot.NONE;

    Opening(QueueCommand.OpenProducer<Letter> command) {
      this.command = command;
    }
  }

  QueueInstance(QueueWorld world, String name) {
    this.world = world;
    this.name = name;
    this.acksEarly = world.bridge == Bridge.ACKS_BEFORE_CONFIRM;
    this.windowCount = 1 + world.random.nextInt(12);
    this.core =
        new QueueCore<>(
            "topic sim",
            new Window(windowCount, 1 + world.random.nextInt(2_000)),
            Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(500), world.random),
            world.effectivelyOnce
                ? new QueueRules(true, 1 + world.random.nextInt(8), false, world.policy)
                : QueueRules.atLeastOnce(world.policy));
  }

  void checkBounds() {
    if (core.counts().inFlight() > windowCount) {
      throw new Violation(name + " has " + core.counts().inFlight() + " in flight");
    }
  }

  void freeze(int turns) {
    frozenFor = turns;
    world.trace.happened(Happening.FREEZE, name);
  }

  /** Its socket to RabbitMQ is not read for a while, though the rest of it runs. */
  void stallReader(int turns) {
    readerStalledFor = turns;
  }

  void die() {
    finishPipe();
  }

  void deliver(long number, Letter letter, boolean redelivered) {
    long of = epoch;
    int size = world.random.nextInt(300);
    fromRabbit.add(() -> core.delivered(of, number, redelivered, letter.inbound(size)));
  }

  void tellClosed(String reason) {
    long of = epoch;
    open = false;
    fromRabbit.add(() -> core.closed(of, reason));
  }

  void producerFails() {
    long of = life;
    brokenLife = of;
    finishPipe();
    fromKafka.add(() -> core.producerLost(of, "broken"));
  }

  void step() {
    if (frozenFor > 0) {
      frozenFor--;
      if (frozenFor == 0) {
        world.trace.happened(Happening.THAW, name);
      }
      return;
    }
    core.tick(world.now);
    for (int more = 1 + world.random.nextInt(4); more > 0; more--) {
      act();
    }
    obey();
  }

  private void act() {
    switch (world.random.nextInt(8)) {
      case 0 -> openChannel();
      case 1, 2, 3 -> {
        if (readerStalledFor-- <= 0) {
          run(fromRabbit.poll());
        }
      }
      case 4, 5 -> run(fromKafka.poll());
      case 6 -> kafkaWorks();
      default -> {
        if (!late.isEmpty() && world.random.nextInt(3) == 0) {
          world.trace.happened(Happening.LATE_ANSWER, "to " + name);
          late.remove(world.random.nextInt(late.size())).run();
        }
      }
    }
    obey();
  }

  private static void run(@Nullable Runnable event) {
    if (event != null) {
      event.run();
    }
  }

  private void openChannel() {
    if (!open && fromRabbit.isEmpty()) {
      open = true;
      epoch++;
      world.trace.happened(Happening.NEW_CHANNEL, name);
      core.opened(epoch);
      world.queue.consume(this, PREFETCH);
    }
  }

  // ---- the core's commands ----------------------------------------------------------------------

  private void obey() {
    QueueCommand<Letter> command;
    while ((command = core.next()) != null) {
      if (command instanceof QueueCommand.OpenProducer<Letter> open) {
        life = open.life();
        opening = new Opening(open);
      } else if (command instanceof QueueCommand.CloseProducer<Letter> close) {
        close(close.life());
      } else if (command instanceof QueueCommand.Send<Letter> send) {
        send(send);
      } else if (command instanceof QueueCommand.Commit<Letter> commit) {
        commit(commit.life());
      } else if (command instanceof QueueCommand.Abort<Letter> abort) {
        world.transactions.abort(producerEpoch);
        fromKafka.add(() -> core.aborted(abort.life(), "asked for"));
      } else if (command instanceof QueueCommand.Ack<Letter> ack) {
        ack(ack);
      } else if (command instanceof QueueCommand.AbandonChannel<Letter> abandon) {
        if (abandon.epoch() == epoch && world.queue.close(this)) {
          tellClosed(abandon.reason());
        }
      }
    }
  }

  private void ack(QueueCommand.Ack<Letter> ack) {
    if (ack.epoch() != epoch || !world.queue.isConsuming(this)) {
      return; // stale: nobody hears it
    }
    if (!world.queue.holds(this, ack.tag())) {
      throw new Violation("acks an unknown tag " + ack.tag());
    }
    Map<Long, Integer> outstanding = world.queue.outstanding(this, ack.tag(), ack.multiple());
    List<Letter> done = outstanding.values().stream().map(world.letters::get).toList();
    if (!(world.faults && world.random.nextInt(30) == 0)) { // else lost with what comes next
      done.forEach(this::checkAcked);
      outstanding.clear();
    } else {
      world.trace.happened(Happening.LOST_ACK, name + "'s of " + done);
      if (world.queue.close(this)) {
        tellClosed("died before the ack arrived");
      }
    }
  }

  private void ackOnWhateverChannelIsOpen(long number) {
    if (world.queue.holds(this, number)) {
      ack(new QueueCommand.Ack<>(epoch, number, false));
    }
  }

  private void checkAcked(Letter letter) {
    boolean isSkipped = letter.poison() && world.policy.action() == ErrorPolicy.Action.SKIP;
    if (isSkipped && !world.effectivelyOnce) { // there the ledger says so
      world.skipped(letter);
    }
    world.acked(letter);
  }

  private void close(long ofLife) {
    if (opening != null && opening.command.life() == ofLife) {
      opening = null;
    }
    finishPipe();
    for (Runnable event : fromKafka) {
      late.add(event);
    }
    fromKafka.clear();
  }

  private void send(QueueCommand.Send<Letter> send) {
    world.trace.happened(Happening.PUBLISH, send.entry().inbound.message() + " by " + name);
    if (world.bridge == Bridge.REQUEUES_ON_AN_ORDERED_LANE
        && world.faults
        && world.random.nextInt(20) == 0
        && world.queue.holds(this, send.entry().tag)) {
      world.queue.requeue(this, send.entry().tag);
      return;
    }
    if (world.effectivelyOnce) {
      transact(send);
    } else if (send.life() != brokenLife) {
      pipe.add(send);
      if (acksEarly) {
        core.confirmed(send.life(), send.sequence());
      }
    }
  }

  private void transact(QueueCommand.Send<Letter> send) {
    long of = send.life();
    if (world.transactions.isFenced(producerEpoch)) {
      world.trace.happened(Happening.FENCED, name);
      fromKafka.add(() -> core.fenced(of, "by a newer producer"));
    } else if (isRefused(send)) {
      world.transactions.refuse(producerEpoch);
      world.trace.happened(Happening.POISON, send.entry().inbound.message());
      fromKafka.add(() -> core.failed(of, send.sequence(), QueueCore.Refusal.POISON, "too large"));
    } else {
      world.transactions.send(producerEpoch, send);
    }
    if (acksEarly) {
      world.queue.outstanding(this, Long.MAX_VALUE, true).values().stream()
          .limit(1)
          .forEach(message -> world.acked(world.letters.get(message)));
    }
  }

  private static boolean isRefused(QueueCommand.Send<Letter> send) {
    return send.entry().inbound.message().poison() && send.entry().deadBecause == null;
  }

  private void commit(long of) {
    SimulatedTransactions.Ended<QueueCommand.Send<Letter>> ended =
        world.transactions.commit(producerEpoch);
    if (ended.outcome() == SimulatedTransactions.Outcome.FENCED) {
      world.trace.happened(Happening.FENCED, name);
      fromKafka.add(() -> core.fenced(of, "by a newer producer"));
      return;
    }
    if (ended.outcome() == SimulatedTransactions.Outcome.ABORTED) {
      fromKafka.add(() -> core.aborted(of, "a record was refused"));
      return;
    }
    List<QueueCommand.Send<Letter>> mine = ended.written();
    Runnable apply = () -> mine.forEach(this::applyCommitted);
    if (world.faults && world.random.nextInt(8) == 0) {
      if (world.random.nextBoolean()) {
        apply.run();
      } else {
        world.leaveUndecided(apply);
      }
      world.trace.happened(Happening.UNKNOWN_COMMIT, "of " + name);
      boolean acks = world.bridge == Bridge.ACKS_ON_A_COMMIT_TIMEOUT;
      fromKafka.add(
          () -> {
            if (acks) {
              core.committed(of);
            } else {
              core.producerLost(of, "commit timed out");
            }
          });
    } else {
      apply.run();
      world.trace.happened(Happening.COMMIT, mine.size() + " by " + name);
      fromKafka.add(() -> core.committed(of));
    }
  }

  private void applyCommitted(QueueCommand.Send<Letter> send) {
    Held<Letter> entry = send.entry();
    if (world.ledger.put(entry.number, fingerprint(entry)) != null) {
      throw new Violation("ledger number " + entry.number + " written twice");
    }
    world.append(entry.inbound.message(), entry.deadBecause != null);
  }

  private static Fingerprint fingerprint(Held<Letter> entry) {
    Fingerprint fingerprint = entry.inbound.fingerprint();
    return fingerprint == null ? new Fingerprint(0, 0) : fingerprint;
  }

  // ---- Kafka works ------------------------------------------------------------------------------

  private void kafkaWorks() {
    if (opening != null) {
      open(opening);
    }
    for (int more = world.random.nextInt(4); more > 0 && !pipe.isEmpty(); more--) {
      appendNext(true);
    }
  }

  private void open(Opening now) {
    boolean early = world.bridge == Bridge.LOADS_THE_LEDGER_BEFORE_FENCING;
    if (!world.effectivelyOnce) {
      now.stage = 3;
    } else if (now.stage == 0) {
      if (early) {
        now.read = world.readLedger();
      } else {
        now.epoch = world.initTransactions();
      }
    } else if (now.stage == 1) {
      if (early) {
        now.epoch = world.initTransactions();
      } else {
        now.read = world.readLedger();
      }
    } else if (now.stage == 2
        && world.bridge != Bridge.DOES_NOT_PROVE_ITS_CHANNEL_ALIVE
        && !(now.command.epoch() == epoch && world.queue.isConsuming(this))) {
      opening = null;
      fromKafka.add(() -> core.producerLost(now.command.life(), "the channel is gone"));
      return;
    }
    if (now.stage++ < 3) {
      return;
    }
    opening = null;
    producerEpoch = now.epoch;
    LedgerSnapshot read =
        world.bridge == Bridge.FORGETS_THE_LEDGER
            ? new LedgerSnapshot(now.read.next(), now.read.capacity(), Map.of())
            : now.read;
    fromKafka.add(() -> core.producerReady(now.command.life(), QueueWorld.PARTITIONS, read));
  }

  private void appendNext(boolean answer) {
    QueueCommand.Send<Letter> send = pipe.remove();
    long of = send.life();
    if (isRefused(send)) {
      world.trace.happened(Happening.POISON, send.entry().inbound.message());
      QueueCore.Refusal why = QueueCore.Refusal.POISON;
      if (answer) {
        fromKafka.add(() -> core.failed(of, send.sequence(), why, "too large"));
      }
      return;
    }
    world.append(send.entry().inbound.message(), send.entry().deadBecause != null);
    if (answer) {
      world.trace.happened(Happening.CONFIRM, send.entry().inbound.message());
      fromKafka.add(() -> core.confirmed(of, send.sequence()));
      if (world.bridge == Bridge.IGNORES_EPOCHS) {
        fromKafka.add(() -> ackOnWhateverChannelIsOpen(send.entry().tag));
      }
    }
  }

  /** The broker still takes some of what was on its way, and nobody hears of it. */
  private void finishPipe() {
    for (int more = world.random.nextInt(4); more > 0 && !pipe.isEmpty(); more--) {
      appendNext(false);
    }
    pipe.clear();
  }

  @Override
  public String toString() {
    return name + " " + core.counts() + ", trouble " + core.trouble();
  }
}
