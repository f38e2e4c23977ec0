// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Names for the threads that Fabric starts: {@code fabric-<module>-<what>-<n>}, so that a thread
 * dump tells whose they are.
 */
public final class FabricThreads {
  private FabricThreads() {}

  /**
   * A factory of daemon threads; {@code n} counts from 1 within the factory.
   *
   * @param module the module that owns them, such as {@code messaging}
   * @param what what they do, such as {@code supervisor}
   * @return a thread-safe factory
   */
  public static ThreadFactory named(String module, String what) {
    String prefix =
        "fabric-"
            + Objects.requireNonNull(module, "module")
            + "-"
            + Objects.requireNonNull(what, "what")
            + "-";
    AtomicInteger next = new AtomicInteger(1);
    return task -> {
      Thread thread = new Thread(task, prefix + next.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }
}
