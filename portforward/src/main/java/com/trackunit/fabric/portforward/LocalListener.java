// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.portforward.ForwardMetrics.Outcome;
import com.trackunit.fabric.portforward.PortForwardException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local port: it stays while pods come and go. A connection waits for a pod for as long as a
 * dial may take, and is reset if there is none by then. Thread-safe.
 */
final class LocalListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalListener.class);
  private static final int BACKLOG = 50;
  private static final long ACCEPT_PAUSE = Duration.ofMillis(100).toNanos();

  private final ForwardSettings settings;
  private final ApiServer api;
  private final CurrentTarget current;
  private final ForwardMetrics metrics;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(FabricThreads.named("portforward", "link"));
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Set<Socket> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile boolean closed;

  LocalListener(ForwardSettings settings, ApiServer api, CurrentTarget current) {
    this.settings = settings;
    this.api = api;
    this.current = current;
    this.metrics = new ForwardMetrics(settings.meters(), settings.service());
    try {
      // Loopback by number: never the wildcard, and never what a hosts file makes of a name.
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      listener = new ServerSocket();
      listener.bind(new InetSocketAddress(loopback, settings.localPort()), BACKLOG);
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an IPv4 address", e);
    } catch (IOException e) {
      threads.shutdown();
      throw new PortForwardException(
          Reason.UNREACHABLE,
          "listen at 127.0.0.1:"
              + settings.localPort()
              + ": "
              + e.getMessage()
              + "; choose a free local port, or 0",
          e);
    }
    metrics.watch(connections::get);
  }

  ForwardMetrics metrics() {
    return metrics;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  void start() {
    threads.execute(this::accept);
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        if (connections.incrementAndGet() > settings.maxConnections()) {
          log.warn(
              "{}: more than {} connections; one is refused",
              settings.service(),
              settings.maxConnections());
          refuse(socket);
          connections.decrementAndGet();
        } else {
          serveOnItsThread(socket);
        }
      } catch (IOException e) {
        if (!closed) {
          log.warn("{}: accept: {}", settings.service(), e.toString());
          LockSupport.parkNanos(ACCEPT_PAUSE); // out of file descriptors, say: not at once again
        }
      }
    }
  }

  private void serveOnItsThread(Socket socket) {
    try {
      threads.execute(() -> serve(socket));
    } catch (RejectedExecutionException e) { // accepted while the forward was being closed
      refuse(socket);
      connections.decrementAndGet();
    }
  }

  private void serve(Socket socket) {
    waiting.add(socket);
    try (socket) {
      Deadline deadline = Deadline.after(settings.timeouts().connect(), Ticker.system());
      Target target;
      while (!closed && (target = current.await(deadline)) != null) {
        if (forward(socket, target)) {
          return;
        }
      }
      refuse(socket);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(socket);
    } catch (IOException e) {
      log.debug("close: {}", e.toString());
    } finally {
      waiting.remove(socket);
      connections.decrementAndGet();
    }
  }

  /** False if the pod could not be dialled, and another one may be. */
  private boolean forward(Socket socket, Target target) {
    Link link = new Link(socket, target, metrics);
    Tunnel tunnel;
    try {
      tunnel = api.dial(target, link);
    } catch (PortForwardException e) {
      current.suspect(target, e.getMessage());
      return false;
    }
    links.add(link);
    if (closed) {
      link.cut("the forward is closed");
    }
    try {
      Outcome outcome = link.run(tunnel, threads, settings.timeouts().halfCloseLinger());
      metrics.connectionEnded(outcome);
      String failure = link.failure();
      if (failure != null) {
        log.info(
            "{}: link to {} broke: {}", settings.service(), target, ApiErrors.bounded(failure));
        current.suspect(target, failure);
      }
    } finally {
      links.remove(link);
    }
    return true;
  }

  private void refuse(Socket socket) {
    metrics.connectionEnded(Outcome.REFUSED);
    reset(socket);
  }

  /** Ends the links of which a pod is gone. */
  void cutIf(Predicate<Target> isGone, String why) {
    for (Link link : links) {
      if (isGone.test(link.target())) {
        link.cut(why);
      }
    }
  }

  void checkLinks() {
    links.forEach(link -> link.check(settings.timeouts().pingInterval()));
  }

  int connections() {
    return connections.get();
  }

  static void reset(@Nullable Socket socket) {
    if (socket != null) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        log.debug("reset: {}", e.toString()); // closed already
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      log.debug("close: {}", e.toString());
    }
    links.forEach(link -> link.cut("the forward is closed"));
    waiting.forEach(LocalListener::reset);
    threads.shutdownNow();
  }
}
