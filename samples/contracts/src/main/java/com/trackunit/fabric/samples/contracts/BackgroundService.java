// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthServer;
import com.trackunit.fabric.core.HealthSource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service that works in the background and serves nothing but its health: reads the environment,
 * listens on {@code HTTP_HOST} and {@code HTTP_PORT}, opens its work and tries again while what it
 * needs is away, and stops on SIGTERM.
 *
 * <p>Thread-safe. Its health endpoints answer from the start: live, and not ready.
 */
public final class BackgroundService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BackgroundService.class);
  private static final Duration READY_POLL = Duration.ofMillis(50);
  private static final int BAD_ENVIRONMENT = 2;

  private final String name;
  private final Supplier<Work> opener;
  private final HealthServer health;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Work work;

  /** What a service does while it runs. */
  public interface Work extends HealthSource, AutoCloseable {
    /** Ends what was begun, bounded in time. Closing twice does nothing. */
    @Override
    void close();
  }

  private BackgroundService(String name, InetSocketAddress address, Supplier<Work> opener) {
    this.name = name;
    this.opener = opener;
    this.health = HealthServer.start(address, () -> Health.up(name, "running"), this::ready);
  }

  /**
   * Reads the environment and begins to listen; the work is not open yet.
   *
   * @param name the service's name
   * @param environment where its settings are
   * @param reader asks for the settings; what it returns opens the work, and throws a retryable
   *     {@link FabricException} while that cannot be done yet
   * @return a service to {@link #open}; the caller closes it
   * @throws EnvironmentException if settings are missing or malformed
   */
  public static BackgroundService start(
      String name, Environment environment, Function<Environment, Supplier<Work>> reader) {
    Objects.requireNonNull(name, "name");
    Supplier<String> host = environment.text(Variables.HTTP_HOST).orElse("0.0.0.0");
    Supplier<Integer> port = environment.port(Variables.HTTP_PORT).orElse(8080);
    Supplier<Work> opener = reader.apply(environment);
    environment.verify();
    return new BackgroundService(name, new InetSocketAddress(host.get(), port.get()), opener);
  }

  /**
   * The body of a service's {@code main}: runs until the JVM is told to stop, and prints {@code
   * READY <name> <port>} once it is ready. Ends the JVM with 2 for a bad environment and 1 for work
   * that cannot be opened.
   *
   * @param name the service's name
   * @param reader as for {@link #start}
   */
  public static void run(String name, Function<Environment, Supplier<Work>> reader) {
    try {
      BackgroundService service = start(name, Environment.system(), reader);
      Runtime.getRuntime().addShutdownHook(new Thread(service::close, "fabric-" + name + "-stop"));
      service.open();
      if (service.awaitReady()) {
        System.out.println("READY " + name + " " + service.port());
      }
      service.stopping.await();
    } catch (EnvironmentException e) {
      System.err.println(name + ": " + e.getMessage());
      System.exit(BAD_ENVIRONMENT);
    } catch (RuntimeException e) {
      log.error("{} cannot start", name, e);
      System.exit(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Opens the work; tries again, with a growing delay, while that fails in a way that may pass.
   * Blocks.
   *
   * @throws FabricException if trying again would not help
   * @throws InterruptedException if interrupted while waiting for the next attempt
   */
  public void open() throws InterruptedException {
    Backoff backoff =
        Backoff.exponential(
            Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
    int failures = 0;
    while (work == null) {
      try {
        Work opened = opener.get();
        work = opened;
        if (stopping.getCount() == 0) {
          opened.close();
        }
      } catch (FabricException e) {
        if (!e.isRetryable()) {
          throw e;
        }
        failures++;
        log.warn("{}: not open after {} attempts: {}", name, failures, e.getMessage());
        if (stopping.await(backoff.delay(failures).toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    }
  }

  /**
   * Waits until the work is up. Blocks.
   *
   * @return false if the service was closed before
   * @throws InterruptedException if interrupted while waiting
   */
  public boolean awaitReady() throws InterruptedException {
    while (!ready().isUp()) {
      if (stopping.await(READY_POLL.toNanos(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The port of the health endpoints.
   *
   * @return 1 to 65535
   */
  public int port() {
    return health.port();
  }

  /** Stops the work, then the health endpoints. Closing twice does nothing. */
  @Override
  public void close() {
    stopping.countDown();
    Work open = work;
    try (health) {
      if (open != null) {
        open.close();
      }
    }
  }

  private Health ready() {
    Work open = work;
    return open == null || stopping.getCount() == 0
        ? Health.down(name, open == null ? "opening" : "stopping")
        : open.health();
  }
}
