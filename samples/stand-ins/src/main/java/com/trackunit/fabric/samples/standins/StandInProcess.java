// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stand-in as a process: started from the environment, ready by one line, closed by a signal. */
final class StandInProcess {
  private static final Logger log = LoggerFactory.getLogger(StandInProcess.class);

  private StandInProcess() {}

  /** A stand-in that runs. */
  interface Running extends AutoCloseable {
    /** Where it listens; 0 for one that does not. */
    int port();

    @Override
    void close();
  }

  /**
   * Starts a stand-in, prints {@code READY <name> <port>} and stays until the process is told to
   * end. Exit code 2 for a wrong environment, 1 for a start that failed.
   */
  // The ready line is for whoever started the process, not for its log.
  @SuppressWarnings("SystemOut")
  static void run(String name, Function<Environment, Running> starter) {
    Running running;
    try {
      running = starter.apply(Environment.system());
    } catch (EnvironmentException e) {
      System.err.println(name + ": " + e.getMessage());
      System.exit(2);
      return;
    } catch (RuntimeException e) {
      log.error("{} did not start", name, e);
      System.exit(1);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(running::close, name + "-shutdown"));
    System.out.println("READY " + name + " " + running.port());
    stay();
  }

  private static void stay() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
