// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP proxy that only tunnels, for those who bring the credentials it wants. */
final class ConnectProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ThreadFactory threads = FabricThreads.named("portforward", "test-proxy");
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger tunnels = new AtomicInteger();
  private final String wanted;

  /** Empty text: everybody may. */
  ConnectProxy(String wanted) throws IOException {
    this.wanted = wanted;
    threads.newThread(this::accept).start();
  }

  String authority() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  int tunnels() {
    return tunnels.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        threads.newThread(() -> serve(socket)).start();
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client) {
      String head = head(client);
      if (!wanted.isEmpty() && !head.contains("Proxy-Authorization: " + wanted)) {
        say(client, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"");
        return;
      }
      String[] target = head.split(" ", 3)[1].split(":", 2);
      try (Socket server = new Socket(target[0], Integer.parseInt(target[1]))) {
        open.add(server);
        say(client, "200 OK");
        tunnels.incrementAndGet();
        threads.newThread(() -> copy(server, client)).start();
        copy(client, server);
        open.remove(server);
      }
    } catch (IOException gone) {
      // Either side is gone.
    } finally {
      open.remove(client);
    }
  }

  private static String head(Socket client) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = client.getInputStream().read();
      if (next < 0) {
        throw new IOException("the client has gone");
      }
      head.append((char) next);
    }
    if (!head.toString().toUpperCase(Locale.ROOT).startsWith("CONNECT ")) {
      throw new IOException("not a tunnel");
    }
    return head.toString();
  }

  private static void say(Socket client, String status) throws IOException {
    client
        .getOutputStream()
        .write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.close();
    } catch (IOException gone) {
      // Either side is gone.
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
