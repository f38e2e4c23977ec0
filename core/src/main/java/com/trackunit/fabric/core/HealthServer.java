// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two health endpoints of a service without an HTTP server of its own: {@code GET /health/live}
 * (the process is up) and {@code GET /health/ready} (its dependencies answer), each 200 or 503 with
 * the JSON of {@link Health#toJson()}. Other methods get 405, other paths 404.
 *
 * <p>Thread-safe. The checks run on the server's own thread.
 */
public final class HealthServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HealthServer.class);

  private final HttpServer server;
  private final ExecutorService executor;

  /** A request is read on its thread: one that comes slowly must not keep the others out. */
  private static final int THREADS = 4;

  private static final String REQUEST_SECONDS = "5";

  private HealthServer(HttpServer server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Starts the endpoints.
   *
   * @param address where to listen; port 0 takes a free one
   * @param live up as long as the process should not be restarted
   * @param ready up while the service can do its work
   * @return a running server; the caller closes it
   * @throws UncheckedIOException if the address cannot be bound
   */
  public static HealthServer start(
      InetSocketAddress address, HealthSource live, HealthSource ready) {
    Objects.requireNonNull(live, "live");
    Objects.requireNonNull(ready, "ready");
    // Module jdk.httpserver: seconds for a whole request; it never gives up by itself.
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new UncheckedIOException("health endpoints: cannot listen on " + address, e);
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(THREADS, FabricThreads.named("core", "health"));
    server.setExecutor(executor);
    server.createContext("/", exchange -> answer(exchange, live, ready));
    server.start();
    return new HealthServer(server, executor);
  }

  /**
   * The port it listens on.
   *
   * @return 1 to 65535
   */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops listening at once. Closing twice does nothing. */
  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static void answer(HttpExchange exchange, HealthSource live, HealthSource ready)
      throws IOException {
    try (exchange) {
      HealthSource source =
          switch (exchange.getRequestURI().getPath()) {
            case "/health/live" -> live;
            case "/health/ready" -> ready;
            default -> null;
          };
      if (source == null) {
        send(exchange, 404, Health.down("health", "no such path").toJson());
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        send(exchange, 405, Health.down("health", "only GET").toJson());
      } else {
        Health health = ask(source);
        send(exchange, health.isUp() ? 200 : 503, health.toJson());
      }
    }
  }

  private static Health ask(HealthSource source) {
    try {
      return source.health();
    } catch (RuntimeException e) {
      log.warn("a health check threw", e);
      return Health.down("health", "the check itself failed: " + e.getClass().getName());
    }
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
