// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback address that stands before any server and breaks its connections on
 * demand. It forwards bytes and understands none of them.
 *
 * <p>A fault holds for connections open now and for those made later, until {@link #heal}; a later
 * fault of another kind comes on top. Thread-safe. Its threads, two for each connection, are named
 * {@code fabric-testkit-brokers-proxy-n} and end with {@link #close}.
 */
public final class FaultProxy implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int STOP_MILLIS = 5_000;

  private final InetSocketAddress target;
  private final int port = FreePorts.next();
  private final Faults faults = new Faults();
  private final Set<ProxiedConnection> open = ConcurrentHashMap.newKeySet();
  private final ThreadFactory threads = FabricThreads.named("testkit-brokers", "proxy");

  /** Guards the listener and whether there may be one; binding and closing do not wait. */
  private final Object lock = new Object();

  private @Nullable ServerSocket listener;
  private @Nullable Thread acceptor;
  private boolean closed;

  private FaultProxy(InetSocketAddress target) {
    this.target = target;
    listen();
  }

  /**
   * A proxy that takes connections at once and does no harm yet.
   *
   * @param host where the server is
   * @param port its port; it need not listen yet
   * @return the proxy; whoever makes it closes it
   * @throws TestkitException if no port is free
   */
  public static FaultProxy before(String host, int port) {
    return new FaultProxy(InetSocketAddress.createUnresolved(host, port));
  }

  /**
   * The address to connect to instead of the server's.
   *
   * @return the loopback address
   */
  public String host() {
    return Loopback.HOST;
  }

  /**
   * The port to connect to instead of the server's.
   *
   * @return the same over all faults
   */
  public int port() {
    return port;
  }

  /**
   * How many connections are open now.
   *
   * @return those that both sides still hold
   */
  public int connections() {
    return open.size();
  }

  /** Closes all connections now. New ones are taken. */
  public void cut() {
    open.forEach(ProxiedConnection::close);
  }

  /** Refuses new connections, as a server that is not there does. Open ones stay. */
  public void refuse() {
    @Nullable Thread before;
    synchronized (lock) {
      closeQuietly(listener);
      listener = null;
      before = acceptor;
    }
    // The kernel takes connections until the thread in accept has noticed.
    try {
      if (before != null) {
        before.join(STOP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Silently stops forwarding, as a network that lost its way does: sockets stay open, nothing
   * comes through, not even the news that the other side has closed. After {@link #heal} it goes on
   * where it stopped.
   */
  public void halfOpen() {
    faults.halfOpen();
  }

  /**
   * Slows every connection down.
   *
   * @param bytesPerSecond for each connection and direction; at least 1
   * @throws IllegalArgumentException if it is less than 1
   */
  public void slow(int bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "slow: bytesPerSecond is " + bytesPerSecond + ", expected at least 1");
    }
    faults.slow(bytesPerSecond);
  }

  /**
   * Resets every connection (TCP RST, both ways) once it has forwarded some more bytes: exactly
   * these come through, counting both directions together.
   *
   * @param bytes for each connection; zero resets at the next byte
   * @throws IllegalArgumentException if it is negative
   */
  public void resetAfter(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("resetAfter: bytes is " + bytes + ", expected 0 or more");
    }
    faults.resetAfter(bytes);
    open.forEach(connection -> connection.allow(bytes));
  }

  /**
   * Ends all faults. Connections that are gone stay gone.
   *
   * @throws TestkitException if the port has been taken since {@link #refuse}
   * @throws IllegalStateException if the proxy is closed
   */
  public void heal() {
    faults.heal();
    open.forEach(connection -> connection.allow(Faults.NO_LIMIT));
    listen();
  }

  /** Closes all connections and the port. A second call does nothing. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    refuse();
    cut();
  }

  @Override
  public String toString() {
    return "proxy at " + Loopback.HOST + ":" + port + " before " + target;
  }

  private void listen() {
    ServerSocket fresh;
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException(this + " is closed");
      }
      if (listener != null) {
        return;
      }
      try {
        fresh = new ServerSocket();
        fresh.bind(Loopback.at(port));
      } catch (IOException e) {
        throw new TestkitException("listen at " + Loopback.HOST + ":" + port + ": " + e, e);
      }
      listener = fresh;
      Thread accepting = threads.newThread(() -> accept(fresh));
      accepting.start();
      acceptor = accepting;
    }
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket client = from.accept();
        threads.newThread(() -> serve(client)).start();
      }
    } catch (IOException closedOrRefusing) {
      closeQuietly(from);
    }
  }

  private void serve(Socket client) {
    Socket server = new Socket();
    ProxiedConnection connection = new ProxiedConnection(client, server, faults);
    open.add(connection);
    try {
      boolean tooLate;
      synchronized (lock) {
        tooLate = closed;
      }
      if (!tooLate) {
        server.connect(
            new InetSocketAddress(target.getHostString(), target.getPort()), CONNECT_MILLIS);
        connection.forward(threads);
      }
    } catch (IOException unreachable) {
      connection.reset();
    } finally {
      connection.close();
      open.remove(connection);
    }
  }

  private static void closeQuietly(@Nullable ServerSocket socket) {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is of no use any more either way.
      }
    }
  }
}
