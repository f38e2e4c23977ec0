// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Accepts, lets the client speak, says one thing without TLS, and ends the connection. */
final class RawServer implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final byte[] words;
  private final CompletableFuture<Void> served;

  RawServer(String words) throws IOException {
    this.words = words.getBytes(StandardCharsets.US_ASCII);
    this.served = CompletableFuture.runAsync(this::serve);
  }

  URI uri() {
    return URI.create("https://localhost:" + socket.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    socket.close();
    served.join();
  }

  private void serve() {
    byte[] heard = new byte[4096];
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        if (client.getInputStream().read(heard) > 0) {
          client.getOutputStream().write(words);
        }
      } catch (IOException e) {
        // The client or the test has gone, as it may; the loop knows which.
      }
    }
  }
}
