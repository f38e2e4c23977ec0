// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.portforward.ForwardMetrics.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One local connection and its tunnel. One thread carries bytes to the pod and waits while the
 * tunnel is full; another carries them back, and the tunnel waits for it: nothing is queued but one
 * piece each way.
 *
 * <p>The protocol has no half-close. When the pod ends, the local client gets its end of stream
 * after the last byte. When the local client ends its side, the pod may go on until it has been
 * silent for a while. A link that breaks is a reset for the local client, never an end of stream,
 * so that nobody takes half an answer for a whole one.
 */
final class Link implements Tunnel.Receiver {
  private static final Logger log = LoggerFactory.getLogger(Link.class);
  private static final int CHUNK = 32 << 10;
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  private final Socket socket;
  private final Target target;
  private final ForwardMetrics metrics;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private final CountDownLatch podEnded = new CountDownLatch(1);
  private volatile @Nullable Tunnel tunnel;
  private volatile @Nullable String failure;
  private volatile long lastFromPod = System.nanoTime();
  private volatile boolean writing;

  /** Bytes to write, or the end. */
  private record Piece(@Nullable ByteBuffer bytes, CompletableFuture<Void> used) {}

  Link(Socket socket, Target target, ForwardMetrics metrics) {
    this.socket = socket;
    this.target = target;
    this.metrics = metrics;
  }

  Target target() {
    return target;
  }

  /** Why it broke; null if it has not. */
  @Nullable String failure() {
    return failure;
  }

  /** Carries bytes until both sides have ended; then everything is released. */
  Outcome run(Tunnel opened, Executor threads, Duration linger) {
    tunnel = opened;
    CompletableFuture<Void> back;
    try {
      back = CompletableFuture.runAsync(this::fromPod, threads);
    } catch (RejectedExecutionException e) { // closed while the tunnel was dialled
      cut("the forward is closed");
      return Outcome.FAILED;
    }
    if (failure != null) { // cut before there was a tunnel to abort
      opened.abort();
    }
    try {
      socket.setTcpNoDelay(true);
      toPod(opened);
      awaitPod(linger);
    } catch (IOException e) {
      log.debug("link to {}: {}", target, e.toString()); // either side is gone; see failure
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sayGoodbye(opened);
      back.join();
    }
    return failure == null ? Outcome.CLOSED : Outcome.FAILED;
  }

  private void toPod(Tunnel opened) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[CHUNK + 1]; // the first byte is the channel, 0 for data
    int read;
    while ((read = in.read(buffer, 1, CHUNK)) >= 0) {
      opened.send(ByteBuffer.wrap(buffer, 0, read + 1));
      metrics.toPod(read);
    }
  }

  private void awaitPod(Duration linger) throws InterruptedException {
    long quiet = 0;
    while (quiet < linger.toNanos()
        && !podEnded.await(linger.toNanos() - quiet, TimeUnit.NANOSECONDS)) {
      quiet = System.nanoTime() - lastFromPod;
    }
  }

  private void sayGoodbye(Tunnel opened) {
    CompletableFuture<WebSocket> unused = opened.sayGoodbye();
    try {
      if (!podEnded.await(GOODBYE.toMillis(), TimeUnit.MILLISECONDS)) {
        log.debug("link to {}: no goodbye within {}", target, GOODBYE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    opened.abort();
    closeSocket();
  }

  @Override
  public CompletionStage<?> data(ByteBuffer bytes) {
    Piece piece = new Piece(bytes, new CompletableFuture<>());
    pieces.add(piece);
    return piece.used();
  }

  @Override
  public void ended(@Nullable String why) {
    if (failure == null) {
      failure = why;
    }
    pieces.add(new Piece(null, new CompletableFuture<>()));
  }

  private void fromPod() {
    try {
      OutputStream out = socket.getOutputStream();
      byte[] buffer = new byte[CHUNK];
      while (true) {
        Piece piece = pieces.take();
        ByteBuffer bytes = piece.bytes();
        if (bytes == null) {
          break;
        }
        writing = true;
        lastFromPod = System.nanoTime();
        write(out, bytes, buffer);
        writing = false;
        piece.used().complete(null);
      }
      if (failure == null) {
        socket.shutdownOutput();
      } else {
        reset();
      }
    } catch (IOException localGone) {
      Tunnel opened = tunnel;
      if (opened != null) {
        opened.abort();
      }
      closeSocket();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      podEnded.countDown();
    }
  }

  private void write(OutputStream out, ByteBuffer bytes, byte[] buffer) throws IOException {
    while (bytes.hasRemaining()) {
      int length = Math.min(bytes.remaining(), buffer.length);
      bytes.get(buffer, 0, length);
      out.write(buffer, 0, length);
      metrics.fromPod(length);
    }
  }

  /** Pings the link, or gives it up when nothing was heard for two intervals. */
  void check(Duration interval) {
    Tunnel opened = tunnel;
    if (opened == null || writing) { // nothing is read while the local client takes nothing
      return;
    }
    long silent = System.nanoTime() - Math.max(opened.heard(), lastFromPod);
    if (silent > 2 * interval.toNanos()) {
      cut("no sign of life from " + target + " for " + Duration.ofNanos(silent).toSeconds() + " s");
    } else {
      opened.ping();
    }
  }

  /** Breaks it off: a reset for the local client. Does not wait. */
  void cut(String why) {
    if (failure == null) {
      failure = why;
    }
    reset();
    Tunnel opened = tunnel;
    if (opened != null) {
      opened.abort();
    }
  }

  private void reset() {
    LocalListener.reset(socket);
  }

  private void closeSocket() {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("close: {}", e.toString());
    }
  }
}
