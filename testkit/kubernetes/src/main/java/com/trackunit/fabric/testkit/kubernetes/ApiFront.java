// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening socket and its connections, and what can go wrong with them. Thread-safe. */
final class ApiFront implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApiFront.class);
  private static final int BACKLOG = 1024;

  private final SSLServerSocket listener;
  private final ThreadFactory threads = FabricThreads.named("testkit", "apiserver");
  private final Set<ApiConnection> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong requests = new AtomicLong();
  private final Object frost = new Object();
  private boolean frozen;
  private volatile boolean outage;
  private volatile boolean closed;

  /** Answers a request; true if another one may follow. */
  interface Handler {
    boolean serve(ApiConnection connection, ApiRequest request)
        throws IOException, InterruptedException;
  }

  ApiFront(SSLServerSocket listener) {
    this.listener = listener;
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      listener.bind(address, BACKLOG);
    } catch (IOException e) {
      throw new StandInException("Cannot listen on loopback: " + e.getMessage(), e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  ThreadFactory threads() {
    return threads;
  }

  void start(Handler handler) {
    threads.newThread(() -> accept(handler)).start();
  }

  long requests() {
    return requests.get();
  }

  int connections() {
    return open.size();
  }

  void outage(boolean on) {
    outage = on;
    if (on) {
      reset();
    }
  }

  void reset() {
    open.forEach(ApiConnection::reset);
  }

  void freeze(boolean on) {
    synchronized (frost) {
      frozen = on;
      frost.notifyAll();
    }
  }

  /** Waits while the links are frozen. */
  void pass() throws InterruptedException {
    synchronized (frost) {
      while (frozen && !closed) {
        frost.wait();
      }
    }
  }

  private void accept(Handler handler) {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        if (outage) {
          socket.setSoLinger(true, 0);
          socket.close();
        } else {
          threads.newThread(() -> serve((SSLSocket) socket, handler)).start();
        }
      } catch (IOException e) {
        log.debug("accept: {}", e.toString()); // closed, or a client that went at once
      }
    }
  }

  private void serve(SSLSocket socket, Handler handler) {
    ApiConnection connection = null;
    try {
      socket.setTcpNoDelay(true);
      socket.startHandshake();
      connection = new ApiConnection(socket);
      open.add(connection);
      ApiRequest request = outage || closed ? null : ApiRequest.read(connection.in());
      while (request != null) {
        pass();
        requests.incrementAndGet();
        request = handler.serve(connection, request) ? ApiRequest.read(connection.in()) : null;
      }
    } catch (IOException | RuntimeException e) {
      log.debug("connection ended: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(socket, connection);
    }
  }

  private void close(SSLSocket socket, @Nullable ApiConnection connection) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("close: {}", e.toString());
    }
    if (connection != null) {
      open.remove(connection);
    }
  }

  @Override
  public void close() {
    closed = true;
    freeze(false);
    try {
      listener.close();
    } catch (IOException e) {
      log.debug("close: {}", e.toString());
    }
    reset();
  }
}
