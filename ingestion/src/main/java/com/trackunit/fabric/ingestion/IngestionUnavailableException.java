// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The service, its node, the funnel or the object store is away. Whether it acted on the request
 * may be unknown; every call may be made again, for an upload started twice costs an unused id, a
 * photo stored twice is the same photo, and a confirmation made twice counts once.
 */
public final class IngestionUnavailableException extends IngestionException {
  private static final long serialVersionUID = 1L;

  /** What was seen of it. */
  public enum Reason {
    /** The connection was accepted and ended before the TLS handshake: the node is away. */
    NODE_AWAY,
    /** The name is not known; a new funnel's may take hours. */
    UNKNOWN_NAME,
    /** No connection came about, or it ended before the answer was complete. */
    CONNECTION_LOST,
    /** There was no complete answer in the time of one attempt. */
    TIMEOUT,
    /** The service, the funnel or a proxy said so: 429 or any 5xx. */
    STATUS,
    /** So much has failed of late that nothing was tried; see {@link #retryAfter()}. */
    CIRCUIT_OPEN,
    /** The caller's deadline, or the client's own for all attempts, had passed. */
    DEADLINE,
    /** The caller's thread was interrupted, and still is; or the client was closed. */
    INTERRUPTED
  }

  private final Reason reason;
  private final @Nullable Duration retryAfter;

  IngestionUnavailableException(String message, Reason reason, @Nullable Throwable cause) {
    this(message, reason, null, cause);
  }

  IngestionUnavailableException(
      String message, Reason reason, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
    this.retryAfter = retryAfter;
  }

  /**
   * What was seen.
   *
   * @return of the last attempt
   */
  public Reason reason() {
    return reason;
  }

  /**
   * When the other side wants to be asked again.
   *
   * @return counted from the answer, as its Retry-After says; or until the circuit lets a call
   *     through; empty if nobody said
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }

  @Override
  String outcome() {
    return "unavailable";
  }
}
