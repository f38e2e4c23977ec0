// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One forwarded connection on the wire: a WebSocket of {@code v4.channel.k8s.io}, where the first
 * byte of a message is its channel (0 data, 1 error) and the first two bytes of each channel repeat
 * the port. One thread sends; the receiver is told of one piece at a time, and asks for the next.
 */
final class Tunnel implements WebSocket.Listener {
  static final String SUBPROTOCOL = "v4.channel.k8s.io";

  private static final int DATA = 0;
  private static final int ERROR = 1;
  private static final int PORT_BYTES = 2;
  private static final int MAX_ERROR = 4 << 10;

  /** The local end. Called by the HTTP client's threads, which it must not block. */
  interface Receiver {
    /**
     * Bytes from the pod.
     *
     * @return completes when they are used up; the next ones come after it
     */
    CompletionStage<?> data(ByteBuffer bytes);

    /**
     * Nothing more will come; told once.
     *
     * @param failure null if the pod's side ended as it should
     */
    void ended(@Nullable String failure);
  }

  private final Receiver receiver;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();
  private final int[] portBytesLeft = {PORT_BYTES, PORT_BYTES};
  private final StringBuilder error = new StringBuilder();
  private int channel = -1; // -1: the next byte is the channel
  private volatile long heard;

  Tunnel(Receiver receiver) {
    this.receiver = receiver;
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    heard = System.nanoTime();
    opened.complete(webSocket);
    // The JDK refuses another subprotocol than ours, but takes none at all for an answer.
    if (webSocket.getSubprotocol().equals(SUBPROTOCOL)) {
      webSocket.request(1);
    } else {
      fail(webSocket, "the API server agreed to no subprotocol, expected " + SUBPROTOCOL);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(
      WebSocket webSocket, ByteBuffer piece, boolean last) {
    heard = System.nanoTime();
    if (channel < 0 && piece.hasRemaining()) {
      channel = piece.get();
    }
    if (channel > ERROR || channel < 0) {
      fail(webSocket, "the API server sent a message for channel " + channel);
      return null;
    }
    int from = channel;
    if (last) {
      channel = -1;
    }
    while (portBytesLeft[from] > 0 && piece.hasRemaining()) {
      piece.get();
      portBytesLeft[from]--;
    }
    if (!piece.hasRemaining()) {
      webSocket.request(1);
      return null;
    }
    if (from == ERROR) {
      String text = StandardCharsets.UTF_8.decode(piece).toString();
      error.append(text, 0, Math.min(text.length(), MAX_ERROR - error.length()));
      webSocket.request(1);
      return null;
    }
    return receiver.data(piece).whenComplete((used, failed) -> webSocket.request(1));
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
    fail(webSocket, "the API server sent text, expected " + SUBPROTOCOL);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    heard = System.nanoTime();
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
    heard = System.nanoTime();
    webSocket.request(1);
    return null; // the JDK answers it
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int status, String reason) {
    String said = error.toString();
    if (!said.isEmpty()) {
      end(said);
    } else if (status == WebSocket.NORMAL_CLOSURE) {
      end(null);
    } else {
      end("the WebSocket was closed with " + status + " " + reason);
    }
    return null; // the JDK answers it
  }

  @Override
  public void onError(WebSocket webSocket, Throwable thrown) {
    end("the WebSocket broke: " + ApiErrors.innermost(thrown));
  }

  /** Sends bytes to the pod; blocks while the link is full. */
  void send(ByteBuffer message) throws IOException {
    try {
      open().sendBinary(message, true).get();
    } catch (ExecutionException e) {
      throw new IOException("the link to the pod broke", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while sending to the pod");
    }
  }

  /** A buffer for {@link #send}: the channel, then room for bytes. */
  static ByteBuffer newMessage(int capacity) {
    return ByteBuffer.allocate(capacity + 1).put((byte) DATA);
  }

  /** Asks the API server for a sign of life; what it answers shows in {@link #heard}. */
  void ping() {
    CompletableFuture<WebSocket> unused = open().sendPing(ByteBuffer.allocate(0));
  }

  /** When the last sign of life came, by {@link System#nanoTime}. */
  long heard() {
    return heard;
  }

  /** Ends it at once and frees its socket; to the receiver that is no failure. Idempotent. */
  void abort() {
    if (opened.isDone()) {
      open().abort();
    }
    end(null);
  }

  /** Says goodbye; the pod may still finish what it was saying, until {@link #abort}. */
  CompletableFuture<WebSocket> sayGoodbye() {
    return open().sendClose(WebSocket.NORMAL_CLOSURE, "");
  }

  /** Says goodbye and frees the socket as soon as that is sent. Does not wait. */
  void close() {
    CompletableFuture<WebSocket> unused = sayGoodbye().whenComplete((sent, failed) -> abort());
  }

  private WebSocket open() {
    return opened.join();
  }

  private void fail(WebSocket webSocket, String why) {
    webSocket.abort();
    end(why);
  }

  private void end(@Nullable String failure) {
    if (ended.compareAndSet(false, true)) {
      receiver.ended(failure);
    }
  }
}
