// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * A server that greets like AMQP and then does one thing: it echoes, says a name, or counts what it
 * gets without reading. Small on purpose: the real broker is in the broker tests.
 */
final class FakeBroker implements AutoCloseable {
  private static final byte[] START = {1, 0, 0, 0, 0, 0, 4, 0, 10, 0, 10, (byte) 0xCE};

  /** What it does once greeted. */
  interface Session {
    void serve(Socket socket) throws IOException;
  }

  private final ServerSocket listener;
  private final Session session;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ThreadFactory threads = FabricThreads.named("portforward", "test-server");

  FakeBroker(Session session) throws IOException {
    this.session = session;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.newThread(this::accept).start();
  }

  static FakeBroker echoing() throws IOException {
    return new FakeBroker(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
  }

  static FakeBroker saying(String text) throws IOException {
    return new FakeBroker(
        socket -> {
          socket.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
          socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  int open() {
    return open.size();
  }

  /** Greets a client of this broker. */
  static void greet(Socket socket) throws IOException {
    socket.getOutputStream().write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
    byte[] answer = socket.getInputStream().readNBytes(START.length);
    if (!Arrays.equals(answer, START)) {
      throw new IOException("not greeted: " + Arrays.toString(answer));
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        threads.newThread(() -> serve(socket)).start();
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      if (in.readNBytes(8).length == 8) {
        socket.getOutputStream().write(START);
        session.serve(socket);
      }
    } catch (IOException gone) {
      // Either side is gone.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
