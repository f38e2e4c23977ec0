// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * A broker of one's own: a real one, in its own process, with its own data and ports, listening on
 * the loopback address only, that leaves no process behind (see {@link GuardedProcess}).
 *
 * <p>Any thread may call any method, but of those that start and stop the broker ({@link #kill},
 * {@link #freeze}, {@link #thaw}, {@link #restart}, {@link #close}) only one at a time. Methods
 * return when what they say is done. Whoever starts a node closes it.
 */
public abstract sealed class BrokerNode implements AutoCloseable permits RabbitMqNode, KafkaNode {
  private static final Duration PROBE_EVERY = Duration.ofMillis(50);
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);

  private final Path folder;
  private final GuardedProcess.Builder program;
  private final BooleanSupplier ready;
  private final Duration startTimeout;
  private volatile GuardedProcess broker;

  /** Starts it; takes over the folder, and deletes it if the start fails. */
  BrokerNode(
      Path folder, GuardedProcess.Builder program, BooleanSupplier ready, Duration startTimeout) {
    this.folder = folder;
    this.program = program.inheritEnvironment(false).workingDirectory(folder);
    this.ready = ready;
    this.startTimeout = startTimeout;
    program.outputFile(logOf(folder));
    try {
      this.broker = launch();
    } catch (RuntimeException e) {
      Folders.deleteTree(folder);
      throw e;
    }
  }

  /**
   * The port for clients, on the loopback address.
   *
   * @return the same over restarts
   */
  public abstract int port();

  /**
   * The process of the broker; when it ends, the rest of the node ends with it.
   *
   * @return another one after each {@link #restart}
   */
  public final long pid() {
    return broker.pid();
  }

  /**
   * Whether the broker runs; a frozen one does.
   *
   * @return false after {@link #kill}, and when the broker has ended by itself
   */
  public final boolean isAlive() {
    return broker.isAlive();
  }

  /**
   * Everything the broker prints, over all its starts.
   *
   * @return a file that exists until {@link #close}
   */
  public final Path logFile() {
    return logOf(folder);
  }

  /**
   * The folder of everything that is this node's; every process of it names the folder.
   *
   * @return a folder that exists until {@link #close}
   */
  public final Path dataFolder() {
    return folder;
  }

  /** Kills the broker as {@code kill -9} does. Its data stays for {@link #restart}. */
  public final void kill() {
    broker.kill();
  }

  /**
   * Stops the broker's time (SIGSTOP): connections stay open, nothing answers.
   *
   * @throws IllegalStateException if the broker does not run
   */
  public final void freeze() {
    broker.freeze();
  }

  /**
   * Lets a frozen broker go on.
   *
   * @throws IllegalStateException if the broker does not run
   */
  public final void thaw() {
    broker.thaw();
  }

  /**
   * Starts the broker again with its data and port: after {@link #kill}, as it comes up from a
   * crash; otherwise after an orderly stop (or a kill, if that takes over 20 seconds).
   *
   * @throws TestkitException if it does not start; quotes its log
   */
  public final void restart() {
    broker.stop(STOP_GRACE);
    broker = launch();
  }

  /** Kills the broker and deletes its data and log. A second call does nothing. */
  @Override
  public final void close() {
    try {
      broker.close();
    } finally {
      Folders.deleteTree(folder);
    }
  }

  /** A process that answers; one that does not is killed, and the error quotes its log. */
  private GuardedProcess launch() {
    GuardedProcess started = program.start();
    Deadline deadline = Deadline.after(startTimeout, Ticker.system());
    while (!ready.getAsBoolean()) {
      OptionalInt status = started.waitForExit(PROBE_EVERY);
      String seen = null;
      if (status.isPresent()) {
        seen = "it left with exit status " + status.getAsInt();
      } else if (deadline.hasPassed()) {
        seen = "not ready within " + startTimeout;
      } else if (Thread.currentThread().isInterrupted()) {
        seen = "interrupted";
      }
      if (seen != null) {
        started.kill();
        throw new TestkitException(
            "start "
                + started
                + ": "
                + seen
                + ", expected it to serve clients."
                + LogTail.of(logOf(folder)),
            null);
      }
    }
    return started;
  }

  private static Path logOf(Path folder) {
    return folder.resolve("broker.log");
  }
}
