// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket: counts requests, plays outages, delays and faults, and leaves the answers
 * to others. Thread-safe.
 */
final class HttpFront implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpFront.class);

  private static final int BACKLOG = 1024;
  private static final int MAX_BODY = 64 * 1024;

  private final HttpsServer server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(FabricThreads.named("testkit", "entra-http"));
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<Endpoint, AtomicLong> counts = new EnumMap<>(Endpoint.class);
  private final Map<Endpoint, Fault> faults = new ConcurrentHashMap<>();
  private final Map<Endpoint, Duration> delays = new ConcurrentHashMap<>();
  private volatile boolean outage;

  HttpFront(SSLContext tls, int port) {
    for (Endpoint endpoint : Endpoint.values()) {
      counts.put(endpoint, new AtomicLong());
    }
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      server = HttpsServer.create(address, BACKLOG);
    } catch (IOException e) {
      threads.shutdown();
      throw new StandInException(
          "Cannot listen on " + address + ": " + e.getMessage() + "; choose port 0 or a free one",
          e);
    }
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.setExecutor(threads);
  }

  /** Begins to serve; the routes are known only now, as they name the port. */
  void start(Function<Request, Answer> routes) {
    server.createContext("/", exchange -> handle(exchange, routes));
    server.start();
  }

  URI uri() {
    return URI.create("https://localhost:" + server.getAddress().getPort());
  }

  long count(Endpoint endpoint) {
    return counter(endpoint).get();
  }

  void resetCounts() {
    counts.values().forEach(count -> count.set(0));
  }

  void outage(boolean on) {
    outage = on;
  }

  void fail(Endpoint endpoint, Fault fault) {
    faults.put(endpoint, fault);
  }

  void delay(Endpoint endpoint, Duration delay) {
    delays.put(endpoint, delay);
  }

  void heal() {
    faults.clear();
    delays.clear();
    outage = false;
  }

  /** Ends delays first, so that no thread is still asleep when the server stops. */
  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange, Function<Request, Answer> routes) throws IOException {
    try (exchange) {
      byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
      String body = new String(bytes, StandardCharsets.UTF_8);
      Request request =
          Request.of(
              exchange.getRequestMethod(),
              exchange.getRequestURI(),
              exchange.getRequestHeaders(),
              body);
      counter(request.endpoint()).incrementAndGet();
      if (pause(delays.getOrDefault(request.endpoint(), Duration.ZERO)) || outage) {
        return; // closing an exchange without an answer cuts the connection
      }
      send(exchange, answer(request, routes));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Answer answer(Request request, Function<Request, Answer> routes) {
    try {
      Answer good =
          request.body().length() > MAX_BODY
              ? Answer.of(413, "text/plain", "The body is longer than " + MAX_BODY + " bytes")
              : routes.apply(request);
      Fault fault = faults.get(request.endpoint());
      return fault == null ? good : fault.applyTo(good);
    } catch (RuntimeException e) {
      // The message may quote what was sent, secrets included; the class and the place do not.
      log.warn("{} failed with {} at {}", request, e.getClass(), e.getStackTrace()[0]);
      return Answer.of(500, "text/plain", "The stand-in failed; see its log");
    }
  }

  private void send(HttpExchange exchange, Answer answer) throws IOException, InterruptedException {
    answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    if (body.length == 0) {
      return;
    }
    try (OutputStream out = exchange.getResponseBody()) {
      if (answer.pausePerByte().isZero()) {
        out.write(body);
        return;
      }
      for (byte next : body) {
        if (pause(answer.pausePerByte())) {
          return;
        }
        out.write(next);
        out.flush();
      }
    }
  }

  /** Waits; true if the stand-in was closed meanwhile. */
  private boolean pause(Duration duration) throws InterruptedException {
    return closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  private AtomicLong counter(Endpoint endpoint) {
    AtomicLong counter = counts.get(endpoint);
    if (counter == null) {
      throw new IllegalArgumentException("endpoint: " + endpoint);
    }
    return counter;
  }
}
