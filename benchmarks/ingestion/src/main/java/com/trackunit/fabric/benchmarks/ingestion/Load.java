// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that each make one call after the other, the next as soon as the last has its answer. */
final class Load implements AutoCloseable {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Cell cell;
  private final ExecutorService callers;

  Load(Cell cell) {
    this.cell = cell;
    this.callers = Executors.newFixedThreadPool(cell.threads());
  }

  /**
   * Makes so many calls, shared out among the threads as they go. Only the time within calls
   * counts, so that neither waking a thread nor waiting for the slowest is measured.
   */
  Slice run(Arm arm, int calls) throws InterruptedException, ExecutionException {
    long[] nanos = new long[calls];
    AtomicInteger next = new AtomicInteger();
    Map<Long, Long> allocated = allocated();
    long cpu = SYSTEM.getProcessCpuTime();
    List<Future<Long>> running = new ArrayList<>();
    for (int caller = 0; caller < cell.threads(); caller++) {
      running.add(callers.submit(() -> call(arm, nanos, next)));
    }
    long busy = 0;
    for (Future<Long> caller : running) {
      busy += caller.get();
    }
    cpu = SYSTEM.getProcessCpuTime() - cpu;
    long bytes = 0;
    for (Map.Entry<Long, Long> thread : allocated().entrySet()) {
      bytes += thread.getValue() - allocated.getOrDefault(thread.getKey(), 0L);
    }
    return new Slice(calls * 1e9 * cell.threads() / busy, cpu, bytes, nanos);
  }

  @Override
  public void close() {
    callers.shutdown();
  }

  private long call(Arm arm, long[] nanos, AtomicInteger next) {
    long busy = 0;
    for (int i = next.getAndIncrement(); i < nanos.length; i = next.getAndIncrement()) {
      long began = System.nanoTime();
      try {
        if (!cell.call().make(arm)) {
          throw new IllegalStateException(arm.name() + ": not the server's answer");
        }
      } catch (IOException e) {
        throw new IllegalStateException(arm.name() + ": no answer", e);
      }
      nanos[i] = System.nanoTime() - began;
      busy += nanos[i];
    }
    return busy;
  }

  /** By each live Java thread, also those that wait for the answers of others. */
  private static Map<Long, Long> allocated() {
    long[] ids = THREADS.getAllThreadIds();
    long[] bytes = THREADS.getThreadAllocatedBytes(ids);
    Map<Long, Long> byThread = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      byThread.put(ids[i], bytes[i]);
    }
    return byThread;
  }
}
