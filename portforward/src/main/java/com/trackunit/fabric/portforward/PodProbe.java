// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.portforward.PortForwardException.Reason;
import com.trackunit.fabric.portforward.ProtocolProbe.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One probe of one pod, over a tunnel of its own. */
final class PodProbe implements Tunnel.Receiver {
  private static final Logger log = LoggerFactory.getLogger(PodProbe.class);
  private static final int MAX_ANSWER = 4 << 10;

  private final ProtocolProbe probe;
  private final ByteBuffer received = ByteBuffer.allocate(MAX_ANSWER);
  private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();

  private PodProbe(ProtocolProbe probe) {
    this.probe = probe;
  }

  /** Returns if the pod speaks the protocol. Blocks. */
  static void run(ApiServer api, Target target, ProtocolProbe probe, Duration timeout) {
    PodProbe running = new PodProbe(probe);
    String what = "probe " + target + " with " + probe.protocol();
    Tunnel tunnel = api.dial(target, running);
    try {
      running.speak(tunnel);
      if (running.verdict.get(timeout.toMillis(), TimeUnit.MILLISECONDS) != Verdict.GOOD) {
        throw new PortForwardException(
            Reason.WRONG_PROTOCOL,
            what + ": the answer is another protocol; check the port, or give a probe that fits",
            null);
      }
    } catch (TimeoutException e) {
      throw new PortForwardException(
          Reason.UNREACHABLE, what + ": no answer within " + timeout + "; it is tried again", e);
    } catch (ExecutionException e) {
      throw new PortForwardException(
          Reason.UNREACHABLE, what + ": " + message(e) + "; it is tried again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PortForwardException(Reason.UNREACHABLE, what + ": interrupted", e);
    } finally {
      tunnel.close();
    }
  }

  private static String message(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return ApiErrors.bounded(String.valueOf(cause.getMessage()));
  }

  private void speak(Tunnel tunnel) {
    ByteBuffer opening = probe.opening();
    if (opening.hasRemaining()) {
      try {
        tunnel.send(Tunnel.newMessage(opening.remaining()).put(opening).flip());
      } catch (IOException e) {
        log.debug(
            "probe: {}", e.toString()); // a tunnel that refuses has ended, and its end says why
      }
    }
  }

  @Override
  public CompletionStage<?> data(ByteBuffer bytes) {
    while (bytes.hasRemaining() && received.hasRemaining()) {
      received.put(bytes.get());
    }
    Verdict now = probe.judge(received.duplicate().flip().asReadOnlyBuffer());
    if (now != Verdict.MORE) {
      verdict.complete(now);
    } else if (!received.hasRemaining()) {
      verdict.complete(Verdict.BAD);
    }
    return CompletableFuture.completedFuture(bytes);
  }

  @Override
  public void ended(@Nullable String failure) {
    verdict.completeExceptionally(
        new IOException(failure == null ? "the pod closed the connection" : failure));
  }
}
