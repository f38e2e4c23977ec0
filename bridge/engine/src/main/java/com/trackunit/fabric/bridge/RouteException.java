// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.FabricException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a route, or one partition of it, from going on. Routes do not throw it: they hold it
 * in {@link RouteStatus#lastError()} while they go on trying.
 */
public final class RouteException extends FabricException {
  private static final long serialVersionUID = 1L;

  /** What went wrong; nothing is lost or committed past in any of these cases. */
  public enum Kind {
    /** The broker found no queue for a message: a binding is missing. Tried again. */
    UNROUTABLE,
    /** The broker refused a message (a queue is full, for example). Tried again. */
    REJECTED,
    /**
     * The channel died while exactly this message was in flight (a missing exchange, a body the
     * broker does not take). Tried again, alone.
     */
    CHANNEL_LOST,
    /**
     * The message cannot be encoded for AMQP (headers larger than a frame), or a function of the
     * route threw on it. Left to the error policy.
     */
    NOT_ENCODABLE,
    /** Kafka does not take the message as it is (too large). Left to the error policy. */
    NOT_ACCEPTED,
    /**
     * Kafka no longer has the offset that the group committed (retention, records deleted). The
     * partition stands still until an operator has set the group's offset.
     */
    POSITION_LOST,
    /**
     * A source topic was deleted and created anew. The route goes on at its first record; what the
     * old topic still held is gone.
     */
    TOPIC_RECREATED,
    /**
     * What is on the broker cannot keep what the route promises (effectively once from a queue
     * without a single active consumer). The route does not run; it looks again every 10 s.
     */
    UNSUITABLE,
    /** The Kafka client gave up (authorization, a broken record). A new one is tried. */
    KAFKA
  }

  private final Kind kind;
  private final Instant at = Instant.now();

  RouteException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  /** For one message that is tried again. */
  static RouteException ofMessage(Kind kind, String message, String reason) {
    String advice =
        switch (kind) {
          case UNROUTABLE -> "was returned; bind a queue to the exchange";
          case REJECTED -> "was refused; make room in the queues it goes to";
          case CHANNEL_LOST -> "was in flight when the channel died; see the reason";
          case NOT_ENCODABLE -> "cannot be encoded; change it at its producer";
          case NOT_ACCEPTED -> "is not accepted; change it at its producer, or raise the limit";
          case POSITION_LOST, TOPIC_RECREATED, UNSUITABLE, KAFKA -> "did not get through";
        };
    return new RouteException(
        kind,
        message
            + " "
            + advice
            + " ("
            + reason
            + "); unless the error policy lets it go, it is tried again and nothing is lost",
        null);
  }

  /**
   * What went wrong.
   *
   * @return never null
   */
  public Kind kind() {
    return kind;
  }

  /**
   * When it went wrong.
   *
   * @return on this machine's clock
   */
  public Instant at() {
    return at;
  }

  /** True but for a lost position, which only an operator can mend. */
  @Override
  public boolean isRetryable() {
    return kind != Kind.POSITION_LOST;
  }
}
