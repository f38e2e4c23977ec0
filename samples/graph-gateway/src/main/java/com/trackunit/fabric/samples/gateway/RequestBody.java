// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Reads a request's body up to a limit. What goes beyond is read too, for a while, and thrown away:
 * a server that closes a connection with unread bytes resets it, and the client may never see the
 * answer (RFC 9112, section 9.6).
 */
final class RequestBody implements Invocable.Task {
  private static final int PATIENCE_FACTOR = 8;

  private final Request request;
  private final int limit;
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long length;

  private RequestBody(Request request, int limit) {
    this.request = request;
    this.limit = limit;
  }

  /**
   * Reads without blocking.
   *
   * @param limit the longest body, in bytes; up to eight times as much is read in all
   * @return the body; or a {@link Refusal} with 413 for a longer one, with 400 for one that breaks
   *     off
   */
  static CompletableFuture<byte[]> read(Request request, int limit) {
    RequestBody body = new RequestBody(request, limit);
    body.run();
    return body.whole;
  }

  @Override
  public void run() {
    while (length <= (long) limit * PATIENCE_FACTOR) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        whole.completeExceptionally(Refusal.badRequest("the body broke off"));
        return;
      }
      keep(chunk.getByteBuffer());
      boolean isLast = chunk.isLast();
      chunk.release();
      if (isLast) {
        break;
      }
    }
    if (length > limit) {
      whole.completeExceptionally(
          Refusal.of(413, "TOO_LARGE", "a request has at most " + limit + " bytes"));
    } else {
      whole.complete(kept.toByteArray());
    }
  }

  private void keep(ByteBuffer bytes) {
    length += bytes.remaining();
    if (length <= limit) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      kept.writeBytes(copy);
    }
  }

  /** Whoever waits for the body runs GraphQL in the thread that brings its last byte. */
  @Override
  public InvocationType getInvocationType() {
    return InvocationType.BLOCKING;
  }
}
