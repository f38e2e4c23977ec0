// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.ingestion.ConnectionFailures.Cut;
import java.time.Duration;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/** Ends one attempt when its time is over, and remembers that it did. Thread-safe. */
final class Watch {
  private final Timekeeper time;
  private final Deadline deadline;
  private Timekeeper.Alarm alarm = () -> {};
  private @Nullable Call call;
  private boolean isConnected;
  private boolean isEnded;
  private Cut cut = Cut.NONE;

  Watch(Timekeeper time, Deadline deadline) {
    this.time = time;
    this.deadline = deadline;
  }

  /** Begins to watch a call, which may take so long, and not beyond the deadline. */
  synchronized void begin(Call watched, Duration most) {
    call = watched;
    restart(most);
  }

  /** From now on it may take so long once more. */
  synchronized void restart(Duration most) {
    alarm.cancel();
    if (!isEnded) {
      Duration left = deadline.remaining();
      boolean isCallers = left.compareTo(most) < 0;
      long due = time.nanos() + (isCallers ? left : most).toNanos();
      Cut why = isCallers ? Cut.DEADLINE : Cut.TIMEOUT;
      alarm = time.after(isCallers ? left : most, () -> ring(due, why));
    }
  }

  /** There is a connection, with its TLS handshake done. */
  synchronized void connected() {
    isConnected = true;
  }

  synchronized boolean isConnected() {
    return isConnected;
  }

  synchronized Cut cut() {
    return cut;
  }

  synchronized void end() {
    isEnded = true;
    alarm.cancel();
  }

  private void ring(long due, Cut why) {
    Call late;
    synchronized (this) {
      if (isEnded) {
        return;
      }
      // An alarm that rings before its time does so because the client is closed.
      cut = time.nanos() - due < 0 ? Cut.CLOSED : why;
      late = call;
    }
    if (late != null) {
      late.cancel();
    }
  }
}
