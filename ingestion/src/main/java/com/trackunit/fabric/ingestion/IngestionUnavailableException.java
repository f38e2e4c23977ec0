// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import org.jspecify.annotations.Nullable;

/**
 * The service, its node or the funnel is away: no connection, a connection that ended before the
 * TLS handshake or in the middle of the answer, a timeout, a 429 or any 5xx. Whether the service
 * acted on the request may be unknown; both calls may be made again, for an upload started twice
 * costs an unused id and a confirmation made twice counts once.
 */
public final class IngestionUnavailableException extends IngestionException {
  private static final long serialVersionUID = 1L;

  IngestionUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
