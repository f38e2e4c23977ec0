// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Lets the arms run in turn, each for about a second, and counts what arrives. */
final class Speed {
  /** In how many of the rounds the peers and the raw loop's double run too. */
  private static final int PEER_ROUNDS = 1;

  private static final long MEASURED_NANOS = Duration.ofMillis(1200).toNanos();
  private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long LOOK_EVERY_NANOS = Duration.ofMillis(2).toNanos();

  /** Beyond what is measured: what goes by before, and what is in flight at the end. */
  private static final double SPARE = 1.3;

  private static final int FIRST_GUESS = 4000;
  private static final Map<Integer, Integer> MOST =
      Map.of(100, 60_000, 1024, 50_000, 64 * 1024, 2_000);

  private final Lab lab;
  private final Arms arms;
  private final Findings findings;
  private final Map<Cell, Integer> needed = new HashMap<>();

  Speed(Lab lab, Arms arms, Findings findings) {
    this.lab = lab;
    this.arms = arms;
    this.findings = findings;
  }

  /** A run of each arm, so that code is compiled, which is not counted. */
  void warmUp(List<Cell> cells) throws Exception {
    for (Cell cell : cells) {
      int count = Math.min(FIRST_GUESS, most(cell));
      for (Arm arm : arms.of(cell)) {
        if (arm.kind().isEachRound()) {
          double rate = measure(arm, cell, cell.toRabbit() ? most(cell) : count);
          needed.merge(cell, (int) (rate * SPARE * MEASURED_NANOS / 1e9), Math::max);
        }
      }
    }
    for (boolean toRabbit : new boolean[] {true, false}) {
      List<Cell> some = cells.stream().filter(it -> it.toRabbit() == toRabbit).limit(1).toList();
      for (Cell cell : some) {
        for (Arm arm : arms.of(cell)) {
          if (arm.kind().isPeer()) {
            tryToMeasure(arm, cell);
          }
        }
      }
    }
  }

  void round(int round, List<Cell> cells) throws Exception {
    for (Cell cell : cells) {
      List<Arm> inTurn = new ArrayList<>(arms.of(cell));
      inTurn.removeIf(arm -> round >= PEER_ROUNDS && !arm.kind().isEachRound());
      Collections.rotate(inTurn, round);
      for (Arm arm : inTurn) {
        double rate = tryToMeasure(arm, cell);
        if (!Double.isNaN(rate)) {
          findings.rates.add(cell, arm, round, rate);
        }
      }
    }
  }

  /** NaN where a peer does not do it, or the small heap is too small; what is ours must. */
  private double tryToMeasure(Arm arm, Cell cell) throws Exception {
    int count = Math.min(most(cell), needed.getOrDefault(cell, FIRST_GUESS) + cell.window());
    try {
      return measure(arm, cell, cell.toRabbit() ? most(cell) : count);
    } catch (Exception e) {
      Findings.Run run = new Findings.Run(cell, arm);
      if (arm.kind() == Arm.Kind.SMALL_HEAP) {
        findings.peaks.put(run, Double.POSITIVE_INFINITY);
      } else if (!arm.kind().isPeer()) {
        throw e;
      }
      findings.failures.put(run, String.valueOf(e.getMessage()));
      return Double.NaN;
    }
  }

  private static int most(Cell cell) {
    return MOST.getOrDefault(cell.bytes(), FIRST_GUESS);
  }

  /** Messages a second, between the moment when an arm is at work and the end of its time. */
  private double measure(Arm arm, Cell cell, int messages) throws Exception {
    Flow flow = lab.prepare(cell, messages);
    System.gc();
    try (Sink sink = lab.sink(flow)) {
      long from;
      long to;
      long begun;
      long ended;
      AutoCloseable running = arm.start(lab.site(), flow);
      try {
        from = begin(sink, cell, arm);
        begun = System.nanoTime();
        do {
          LockSupport.parkNanos(LOOK_EVERY_NANOS);
          to = sink.count();
          ended = System.nanoTime();
        } while (ended - begun < MEASURED_NANOS && to < messages - cell.window());
      } finally {
        running.close();
      }
      if (running instanceof SmallHeap heap) {
        findings.peaks.merge(new Findings.Run(cell, arm), heap.peakMib(), Math::max);
      }
      Sink.Moved moved =
          arm.guarantee().equals(Arms.ONCE) ? sink.moved(from, to) : new Sink.Moved(to - from, 0);
      if (moved.transactions() > 0) {
        findings.transactionSizes.put(cell, (double) moved.messages() / moved.transactions());
      }
      return moved.messages() * 1e9 / (ended - begun);
    } finally {
      lab.forget(flow);
    }
  }

  /** Waits until a window has arrived, or a slow arm has had time to warm up. */
  private static long begin(Sink sink, Cell cell, Arm arm) throws IOException {
    long started = System.nanoTime();
    long first = 0;
    while (true) {
      long count = sink.count();
      long now = System.nanoTime();
      if (count > 0 && first == 0) {
        first = now;
      }
      if (count >= cell.window() || (first > 0 && now - first > MEASURED_NANOS)) {
        return count;
      }
      if (now - started > PATIENCE_NANOS) {
        throw new IllegalStateException(
            arm.name() + " has moved " + count + " messages of " + cell + " in half a minute");
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }
}
