// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadFactory;

/** Sends back what it gets, and ends when its client ends. */
final class Echo implements AutoCloseable {
  private final ServerSocket listener;
  private final ThreadFactory threads = FabricThreads.named("testkit", "echo");

  Echo() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.newThread(this::accept).start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        threads.newThread(() -> echo(socket)).start();
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException gone) {
      // Either side is gone.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
