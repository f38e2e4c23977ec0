// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.contracts.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The REST side over TLS: paths and methods, the internal key, the correlation id, bounds. Listens
 * on loopback. Thread-safe.
 */
final class RestServer implements AutoCloseable {
  /** Answers one request body. */
  @FunctionalInterface
  interface Endpoint {
    Answer answer(String body, Journey journey) throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(RestServer.class);
  private static final int LARGEST_BODY = 64 * 1024;
  private static final int THREADS = 16;

  private final HttpsServer server;
  private final ExecutorService executor;
  private final Map<String, Endpoint> posts;
  private final Secret key;

  private RestServer(
      HttpsServer server, ExecutorService executor, Map<String, Endpoint> posts, Secret key) {
    this.server = server;
    this.executor = executor;
    this.posts = posts;
    this.key = key;
  }

  /**
   * Starts the server.
   *
   * @param posts what answers a POST, by path
   * @param key what {@code X-Internal-Access} has to hold
   */
  static RestServer open(int port, StandInTls tls, Map<String, Endpoint> posts, Secret key) {
    HttpsServer server;
    try {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("REST: cannot listen on port " + port, e);
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(THREADS, FabricThreads.named("stand-ins", "rest"));
    RestServer rest = new RestServer(server, executor, Map.copyOf(posts), key);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.context()));
    server.setExecutor(executor);
    server.createContext("/", rest::handle);
    server.start();
    return rest;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Cuts the requests under way. Closing twice does nothing. */
  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    Journey journey = Journey.from(exchange.getRequestHeaders()::getFirst);
    try (exchange) {
      Answer answer = answer(exchange, journey);
      log.info(
          "{} {} -> {} correlationId={}",
          exchange.getRequestMethod(),
          exchange.getRequestURI().getPath(),
          answer.status(),
          journey.id());
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      exchange.getResponseHeaders().set(CorrelationId.HEADER, journey.id().value());
      exchange.sendResponseHeaders(answer.status(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private Answer answer(HttpExchange exchange, Journey journey) {
    try {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/health")) {
        return allowed(exchange, "GET")
            ? Answer.of(200, Answer.object().put("status", "ok"))
            : wrongMethod(exchange, "GET");
      }
      Endpoint endpoint = posts.get(path);
      if (endpoint == null) {
        return Answer.problem(404, "Not found", "No such path.");
      }
      return allowed(exchange, "POST")
          ? post(exchange, endpoint, journey)
          : wrongMethod(exchange, "POST");
    } catch (IOException | RuntimeException e) {
      log.error("request failed: correlationId={}", journey.id(), e);
      return Answer.problem(500, "Internal error", "See the service's log.");
    }
  }

  private Answer post(HttpExchange exchange, Endpoint endpoint, Journey journey)
      throws IOException {
    List<String> keys =
        exchange.getRequestHeaders().getOrDefault(Wire.Headers.INTERNAL_ACCESS, List.of());
    // Secret compares in constant time.
    if (keys.size() != 1 || !Secret.of(keys.get(0)).equals(key)) {
      return Answer.problem(
          401, "Unauthorized", "Send the internal key as " + Wire.Headers.INTERNAL_ACCESS + ".");
    }
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      return Answer.problem(413, "Too large", "At most " + LARGEST_BODY + " bytes.");
    }
    return endpoint.answer(new String(body, StandardCharsets.UTF_8), journey);
  }

  private static boolean allowed(HttpExchange exchange, String method) {
    return exchange.getRequestMethod().equals(method);
  }

  private static Answer wrongMethod(HttpExchange exchange, String allowed) {
    exchange.getResponseHeaders().set("Allow", allowed);
    return Answer.problem(405, "Method not allowed", "Only " + allowed + ".");
  }
}
