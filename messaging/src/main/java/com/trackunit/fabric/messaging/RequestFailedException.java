// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import java.time.Duration;
import java.util.Objects;

/** A request of a {@link Requester} got no answer; the reason says what is known about it. */
public final class RequestFailedException extends FabricException {
  private static final long serialVersionUID = 1L;

  /** What is known about a request that got no answer. */
  public enum Reason {
    /** No queue is bound for it: nobody has it. */
    NO_ROUTE,
    /** A queue refused it, as one that is full does: nobody has it. */
    REJECTED,
    /** It was not sent before its deadline: nobody has it. */
    NOT_SENT,
    /**
     * It was sent, and no answer came before its deadline: it may have been handled, or will be.
     */
    DEADLINE,
    /**
     * The channel that the answer would have come on is gone: it may have been handled, or will be.
     */
    UNKNOWN,
    /** The requester was closed. What was sent before may have been handled. */
    CLOSED
  }

  private final Reason reason;

  RequestFailedException(Reason reason, String message) {
    super(message, null);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  static RequestFailedException atDeadline(String id, Duration timeout) {
    return new RequestFailedException(
        Reason.DEADLINE,
        "request "
            + id
            + ": no answer within "
            + timeout
            + "; it may have been handled: ask again only if that does no harm");
  }

  /**
   * What is known about it.
   *
   * @return never null
   */
  public Reason reason() {
    return reason;
  }

  /** True if nobody has the request, so that asking again cannot repeat it. */
  @Override
  public boolean isRetryable() {
    return switch (reason) {
      case NO_ROUTE, REJECTED, NOT_SENT -> true;
      case DEADLINE, UNKNOWN, CLOSED -> false;
    };
  }
}
