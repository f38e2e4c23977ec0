// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.nio.ByteBuffer;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * What waits to be sent on one WebSocket, bounded. Jetty keeps the frames in order; this counts
 * them, so that a client that stops reading costs no more than the bound. Thread-safe; never
 * blocks.
 */
final class Outbox {
  /** A close frame longer than this is against RFC 6455, section 5.5. */
  private static final int MAX_REASON = 120;

  private final Session session;
  private final long limit;
  private final Runnable tooSlow;
  private final AtomicLong waiting = new AtomicLong();

  Outbox(Session session, long limit, Runnable tooSlow) {
    this.session = session;
    this.limit = limit;
    this.tooSlow = tooSlow;
  }

  void send(String text) {
    if (waiting.addAndGet(text.length()) > limit) {
      waiting.addAndGet(-text.length());
      tooSlow.run();
      return;
    }
    session.sendText(
        text,
        Callback.from(
            () -> waiting.addAndGet(-text.length()),
            // The session fails too, and its listener hears of it.
            failure -> waiting.addAndGet(-text.length())));
  }

  void ping() {
    session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
  }

  /** Sends a close frame; a client that does not take it within 5 s is cut off. */
  void close(int code, String reason, ScheduledExecutorService timers) {
    String shown = reason.chars().allMatch(c -> c < 0x80) ? reason : "";
    session.close(code, shown.substring(0, Math.min(shown.length(), MAX_REASON)), Callback.NOOP);
    var unused = timers.schedule(session::disconnect, 5, TimeUnit.SECONDS);
  }

  void disconnect() {
    session.disconnect();
  }
}
