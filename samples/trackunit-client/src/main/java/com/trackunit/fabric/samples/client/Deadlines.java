// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;

/** One deadline over every HTTP call of a send. */
final class Deadlines {
  private Deadlines() {}

  /** Ends a call when the deadline passes. */
  static void limit(Call call, String operation, Deadline deadline) {
    Duration left = deadline.remaining();
    if (left.isZero()) {
      throw passed(operation);
    }
    // OkHttp counts zero as 'no limit'.
    call.timeout().timeout(Math.max(1, left.toMillis()), TimeUnit.MILLISECONDS);
  }

  static TrackunitClientException passed(String operation) {
    return new TrackunitClientException(
        Reason.TIMEOUT, operation + ": the deadline passed; allow more time or try again");
  }

  /** What an I/O error of a call means to the caller. */
  static TrackunitClientException failed(String message, IOException e, Deadline deadline) {
    if (Thread.currentThread().isInterrupted()) {
      return new TrackunitClientException(Reason.INTERRUPTED, message + ": interrupted", e);
    }
    boolean late = deadline.hasPassed() && e instanceof InterruptedIOException;
    return new TrackunitClientException(
        late ? Reason.TIMEOUT : Reason.UNREACHABLE,
        message + " (" + e.getClass().getSimpleName() + "); try again later",
        e);
  }
}
