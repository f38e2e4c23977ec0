// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.ThreadFactory;

/** One connection through a {@link FaultProxy}: two sockets, and a pump for each direction. */
final class ProxiedConnection {
  private final Socket client;
  private final Socket server;
  private final Faults faults;
  private long allowed;
  private volatile boolean closed;

  ProxiedConnection(Socket client, Socket server, Faults faults) {
    this.client = client;
    this.server = server;
    this.faults = faults;
    this.allowed = faults.resetAfter();
  }

  /** Forwards both ways until the connection has ended; the server is connected already. */
  void forward(ThreadFactory threads) throws IOException {
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    Thread back = threads.newThread(() -> pump(server, client));
    back.start();
    pump(client, server);
    try {
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on, so many bytes come through before the reset. */
  synchronized void allow(long bytes) {
    allowed = bytes;
  }

  void reset() {
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already, so there is nobody left to be told.
      }
    }
    close();
  }

  void close() {
    closed = true;
    faults.wake();
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.close();
      } catch (IOException e) {
        // Nothing is to be done about a socket that does not close.
      }
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[faults.chunk()];
    try {
      while (true) {
        int chunk = faults.chunk();
        if (buffer.length != chunk) {
          buffer = new byte[chunk];
        }
        int read = from.getInputStream().read(buffer);
        faults.await(Math.max(read, 0), () -> closed);
        if (read < 0) {
          to.shutdownOutput();
          return;
        }
        int passing = take(read);
        to.getOutputStream().write(buffer, 0, passing);
        if (passing < read) {
          reset();
          return;
        }
      }
    } catch (IOException broken) {
      passOnReset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reset();
    }
  }

  /** A side that broke off is broken off on the other side too, unless nothing comes through. */
  private void passOnReset() {
    try {
      faults.await(0, () -> closed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    reset();
  }

  private synchronized int take(int bytes) {
    int passing = (int) Math.min(bytes, allowed);
    if (allowed != Faults.NO_LIMIT) {
      allowed -= passing;
    }
    return passing;
  }
}
