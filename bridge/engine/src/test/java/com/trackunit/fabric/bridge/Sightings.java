// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a real broker shows, in the order in which it comes. */
final class Sightings {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final BlockingQueue<String> arriving = new LinkedBlockingQueue<>();
  private final Duration quiet;

  Sightings(Duration quiet) {
    this.quiet = quiet;
  }

  void saw(String what) {
    arriving.add(what);
  }

  /** Waits until so many are there, and then for what nobody expected. */
  List<String> take(int expected) throws InterruptedException {
    List<String> seen = new ArrayList<>();
    while (true) {
      Duration wait = seen.size() < expected ? PATIENCE : quiet;
      @Nullable String next = arriving.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        return seen;
      }
      seen.add(next);
    }
  }
}
