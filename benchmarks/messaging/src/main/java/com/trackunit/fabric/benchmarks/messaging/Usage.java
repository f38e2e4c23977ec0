// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * What this process has used up to now.
 *
 * @param nanos the time
 * @param cpuNanos of all its threads, the JVM's own too
 * @param bytes allocated by each live Java thread
 */
record Usage(long nanos, long cpuNanos, Map<Long, Long> bytes) {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  static Usage now() {
    long[] ids = THREADS.getAllThreadIds();
    long[] allocated = THREADS.getThreadAllocatedBytes(ids);
    Map<Long, Long> bytes = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      bytes.put(ids[i], allocated[i]);
    }
    return new Usage(System.nanoTime(), SYSTEM.getProcessCpuTime(), bytes);
  }

  /**
   * What was used for some messages since an earlier moment.
   *
   * @param perSecond messages in a second
   * @param cpuMicros of CPU for one of them
   * @param bytes allocated for one of them
   */
  record Cost(double perSecond, double cpuMicros, double bytes) {}

  Cost since(Usage before, int messages) {
    long allocated = 0;
    for (Map.Entry<Long, Long> thread : bytes.entrySet()) {
      allocated += thread.getValue() - before.bytes.getOrDefault(thread.getKey(), 0L);
    }
    return new Cost(
        messages * 1e9 / (nanos - before.nanos),
        (cpuNanos - before.cpuNanos) / 1e3 / messages,
        (double) allocated / messages);
  }
}
