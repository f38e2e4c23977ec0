// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.util.Objects;

/** What became of one published message. Each message has exactly one outcome; nobody guesses. */
public sealed interface PublishOutcome {
  /**
   * Whether the message is safe in every queue it was routed to.
   *
   * @return true for {@link Confirmed} only
   */
  default boolean isConfirmed() {
    return this instanceof Confirmed;
  }

  /** The broker has taken responsibility: the message is in every queue it was routed to. */
  record Confirmed() implements PublishOutcome {}

  /**
   * No queue is bound for it: the message is nowhere. Publishing it again helps once a queue is.
   *
   * @param code the broker's code, such as 312
   * @param text the broker's text, such as {@code NO_ROUTE}
   */
  record Returned(int code, String text) implements PublishOutcome {
    /** Checks that every part is there. */
    public Returned {
      Objects.requireNonNull(text, "text");
    }
  }

  /**
   * The broker refused it ({@code basic.nack}): at least one queue did not take it, for example
   * because it is full and set to {@code reject-publish}. Other queues of a fanout may hold it.
   */
  record Rejected() implements PublishOutcome {}

  /**
   * It was sent, and nobody can tell whether it arrived: the channel died or the deadline passed
   * before the broker answered. Only the caller knows whether sending it again does harm.
   *
   * @param reason what happened, for an operator
   */
  record Unknown(String reason) implements PublishOutcome {
    /** Checks that every part is there. */
    public Unknown {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
