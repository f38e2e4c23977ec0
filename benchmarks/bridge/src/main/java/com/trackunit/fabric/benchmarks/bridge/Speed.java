// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  private final Rates rates;
  private final Map<Cell, Integer> needed = new HashMap<>();

  private final Map<Cell, Double> peaks = new LinkedHashMap<>();
  private final Map<Cell, Double> transactionSizes = new HashMap<>();

  Speed(Lab lab, Rates rates) {
    this.lab = lab;
    this.rates = rates;
  }

  /** A short run of each arm, so that code is compiled, which is not counted. */
  void warmUp(List<Cell> cells) throws Exception {
    for (Cell cell : cells) {
      int count = Math.min(FIRST_GUESS, most(cell));
      for (Arm arm : Arms.of(cell)) {
        if (arm.kind().isEachRound()) {
          double rate = measure(arm, cell, cell.toRabbit() ? most(cell) : count);
          needed.merge(cell, (int) (rate * SPARE * MEASURED_NANOS / 1e9), Math::max);
        }
      }
    }
  }

  void round(int round, List<Cell> cells) throws Exception {
    for (Cell cell : cells) {
      List<Arm> arms = new ArrayList<>(Arms.of(cell));
      arms.removeIf(arm -> round >= PEER_ROUNDS && !arm.kind().isEachRound());
      Collections.rotate(arms, round);
      for (Arm arm : arms) {
        int count = Math.min(most(cell), needed.getOrDefault(cell, FIRST_GUESS) + cell.window());
        double rate = measure(arm, cell, cell.toRabbit() ? most(cell) : count);
        rates.add(cell, arm, round, rate);
      }
    }
  }

  /** The most that a small heap has held, in MiB. */
  Map<Cell, Double> peaks() {
    return peaks;
  }

  /** How many messages a transaction has had in the last run, where it can be told. */
  Map<Cell, Double> transactionSizes() {
    return transactionSizes;
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
        peaks.merge(cell, heap.peakMib(), Math::max);
      }
      long moved = arm.guarantee().equals(Arms.ONCE) ? sink.messages(from, to) : to - from;
      if (to - from > moved && cell.partitions() == 1) { // one mark for each transaction
        transactionSizes.put(cell, (double) moved / (to - from - moved));
      }
      return moved * 1e9 / (ended - begun);
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
