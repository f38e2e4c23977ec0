// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.FabricException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of a service's {@code main}: settings from the environment, one line {@code READY <name>
 * <port>} on standard output once the service can do its work, an orderly end at SIGTERM. Ends the
 * JVM with 2 for a bad environment and with 1 for a service that cannot start.
 */
public final class ServiceMain {
  private static final Logger log = LoggerFactory.getLogger(ServiceMain.class);
  private static final Duration READY_POLL = Duration.ofMillis(50);
  private static final int CANNOT_START = 1;
  private static final int BAD_ENVIRONMENT = 2;

  private final String name;
  private final Service service;
  private final CountDownLatch stopping = new CountDownLatch(1);

  private ServiceMain(String name, Service service) {
    this.name = name;
    this.service = service;
  }

  /** A service that has its settings and listens. Thread-safe. */
  public interface Service extends AutoCloseable {
    /**
     * Where it listens.
     *
     * @return 1 to 65535; 0 for a service that listens nowhere
     */
    int port();

    /**
     * Begins the work; by default there is nothing left to do. Called again after a failure that
     * may pass.
     *
     * @throws FabricException if that cannot be done now, or never
     */
    default void open() {}

    /**
     * Whether it can do its work.
     *
     * @return true by default
     */
    default boolean isReady() {
      return true;
    }

    /** Ends the work, bounded in time, also while {@link #open} is at it. Twice does nothing. */
    @Override
    void close();
  }

  /**
   * Runs a service until the JVM is told to stop.
   *
   * @param name the service's name
   * @param starter reads its settings and begins to listen
   */
  public static void run(String name, Function<Environment, ? extends Service> starter) {
    try {
      new ServiceMain(name, starter.apply(Environment.system())).run();
    } catch (EnvironmentException e) {
      System.err.println(name + ": " + e.getMessage());
      System.exit(BAD_ENVIRONMENT);
    } catch (RuntimeException | Error e) {
      log.error("{} cannot start", name, e);
      System.exit(CANNOT_START);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The ready line is for whoever started the process, not for its log.
  @SuppressWarnings("SystemOut")
  private void run() throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "fabric-" + name + "-stop"));
    open();
    while (!stopping.await(READY_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      if (service.isReady()) {
        System.out.println("READY " + name + " " + service.port());
        stopping.await();
      }
    }
  }

  /** Tries again, with a growing delay, while what the service needs is away. */
  private void open() throws InterruptedException {
    Backoff backoff =
        Backoff.exponential(
            Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
    for (int failures = 1; stopping.getCount() > 0; failures++) {
      try {
        service.open();
        return;
      } catch (FabricException e) {
        if (!e.isRetryable()) {
          throw e;
        }
        log.warn("{}: not open after {} attempts: {}", name, failures, e.getMessage());
        stopping.await(backoff.delay(failures).toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void stop() {
    stopping.countDown();
    service.close();
  }
}
