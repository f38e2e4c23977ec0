// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import org.jspecify.annotations.Nullable;

/**
 * What answered does not speak the contract: a certificate that does not fit the name, a redirect,
 * the funnel's own 404, an answer that is too long, is not JSON or lacks a field. Somebody has to
 * look; calling again does not help.
 */
public final class IngestionProtocolException extends IngestionException {
  private static final long serialVersionUID = 1L;

  IngestionProtocolException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  String outcome() {
    return "protocol";
  }
}
