// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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

  /** Makes so many calls with each thread. */
  Cost run(Arm arm, int callsEach) throws InterruptedException, ExecutionException {
    long[] nanos = new long[callsEach * cell.threads()];
    Map<Long, Long> allocated = allocated();
    long cpu = SYSTEM.getProcessCpuTime();
    long began = System.nanoTime();
    List<Future<?>> running = new ArrayList<>();
    for (int caller = 0; caller < cell.threads(); caller++) {
      int from = caller * callsEach;
      running.add(callers.submit(() -> call(arm, nanos, from, from + callsEach)));
    }
    for (Future<?> caller : running) {
      caller.get();
    }
    long elapsed = System.nanoTime() - began;
    double cpuMicros = (SYSTEM.getProcessCpuTime() - cpu) / 1e3 / nanos.length;
    long bytes = 0;
    for (Map.Entry<Long, Long> thread : allocated().entrySet()) {
      bytes += thread.getValue() - allocated.getOrDefault(thread.getKey(), 0L);
    }
    Arrays.sort(nanos);
    return new Cost(
        nanos.length * 1e9 / elapsed,
        nanos[(int) (nanos.length * 0.99)] / 1e3,
        cpuMicros,
        (double) bytes / nanos.length);
  }

  @Override
  public void close() {
    callers.shutdown();
  }

  private void call(Arm arm, long[] nanos, int from, int to) {
    for (int i = from; i < to; i++) {
      long began = System.nanoTime();
      try {
        if (!cell.call().make(arm)) {
          throw new IllegalStateException(arm.name() + ": not the server's answer");
        }
      } catch (IOException e) {
        throw new IllegalStateException(arm.name() + ": no answer", e);
      }
      nanos[i] = System.nanoTime() - began;
    }
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
