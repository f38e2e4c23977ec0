// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that fails a test class which leaves threads of Fabric behind: those named
 * {@code fabric-...} that were not there before it. Threads get ten seconds to end.
 *
 * <pre>{@code
 * @ExtendWith(NoLeaks.class)
 * class MyTest {}
 * }</pre>
 *
 * <p>It cannot tell apart the threads of test classes that run at the same time in one JVM. JUnit
 * itself is the user's to bring.
 */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(NoLeaks.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** For JUnit. */
  public NoLeaks() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(Thread.class, fabricThreads(thread -> true));
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    Set<?> before = context.getStore(NAMESPACE).getOrDefault(Thread.class, Set.class, Set.of());
    Set<Thread> left = fabricThreads(thread -> !before.contains(thread));
    Deadline deadline = Deadline.after(PATIENCE, Ticker.system());
    for (Thread thread : left) {
      thread.join(Math.max(1, deadline.remaining().toMillis()));
    }
    String leaked =
        left.stream()
            .filter(Thread::isAlive)
            .map(Thread::getName)
            .sorted()
            .collect(Collectors.joining(", "));
    if (!leaked.isEmpty()) {
      throw new AssertionError(
          context.getDisplayName()
              + " left threads running: "
              + leaked
              + ". Expected none after "
              + PATIENCE
              + "; close what started them.");
    }
  }

  private static Set<Thread> fabricThreads(Predicate<Thread> filter) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fabric-"))
        .filter(filter)
        .collect(Collectors.toSet());
  }
}
