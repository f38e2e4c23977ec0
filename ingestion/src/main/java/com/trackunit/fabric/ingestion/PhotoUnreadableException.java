// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import org.jspecify.annotations.Nullable;

/**
 * The photo could not be read to its end, or had another length than was said: it changed while it
 * was sent. The object store has not taken it.
 */
public final class PhotoUnreadableException extends IngestionException {
  private static final long serialVersionUID = 1L;

  PhotoUnreadableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  String outcome() {
    return "unreadable";
  }
}
