// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthServer;
import com.trackunit.fabric.core.HealthSource;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A service that works in the background and serves nothing but its health: reads the environment,
 * listens on {@code HTTP_HOST} and {@code HTTP_PORT}, and opens its work once what it needs is
 * there.
 *
 * <p>Thread-safe. Its health endpoints answer from the start: live, and not ready.
 */
public final class BackgroundService implements ServiceMain.Service {
  private final String name;
  private final Supplier<Work> opener;
  private final HealthServer health;
  private volatile boolean isStopping;
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
   * Opens the work. Blocks.
   *
   * @throws FabricException if that cannot be done now, or never
   */
  @Override
  public void open() {
    Work opened = opener.get();
    work = opened;
    if (isStopping) {
      opened.close();
    }
  }

  @Override
  public boolean isReady() {
    return ready().isUp();
  }

  /**
   * The port of the health endpoints.
   *
   * @return 1 to 65535
   */
  @Override
  public int port() {
    return health.port();
  }

  /** Stops the work, then the health endpoints. Closing twice does nothing. */
  @Override
  public void close() {
    isStopping = true;
    Work open = work;
    try (health) {
      if (open != null) {
        open.close();
      }
    }
  }

  private Health ready() {
    Work open = work;
    return open == null || isStopping
        ? Health.down(name, open == null ? "opening" : "stopping")
        : open.health();
  }
}
