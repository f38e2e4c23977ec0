// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.core.FabricThreads;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Starts again what has ended, as a deployment does: each part on a thread of its own, so that one
 * that comes up slowly keeps no other waiting. What fails to start is tried again at the next look.
 * Thread-safe.
 */
final class Revival {
  private final Executor threads =
      Executors.newCachedThreadPool(FabricThreads.named("demo", "revival"));
  private final Set<String> underway = ConcurrentHashMap.newKeySet();
  private final Consumer<String> revived;
  private final Consumer<String> failed;

  /**
   * A revival that has nothing to do yet.
   *
   * @param revived is told the name of each part that is ready again
   * @param failed is told, in words, of each that did not get there
   */
  Revival(Consumer<String> revived, Consumer<String> failed) {
    this.revived = revived;
    this.failed = failed;
  }

  /** Begins to start a part again if it has ended and nobody is at it. */
  void look(String name, BooleanSupplier isAlive, Runnable restart) {
    if (isAlive.getAsBoolean() || !underway.add(name)) {
      return;
    }
    var unused =
        CompletableFuture.runAsync(restart, threads)
            .whenComplete(
                (done, failure) -> {
                  underway.remove(name);
                  if (failure == null) {
                    revived.accept(name);
                  } else {
                    failed.accept(name + " does not come back: " + failure.getMessage());
                  }
                });
  }
}
