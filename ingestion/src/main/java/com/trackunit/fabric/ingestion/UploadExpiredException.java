// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

/**
 * The object store says that the presigned URL has expired; nothing was stored. A new start gives a
 * new one, which {@code uploadPhoto} does by itself, once.
 */
public final class UploadExpiredException extends IngestionException {
  private static final long serialVersionUID = 1L;

  UploadExpiredException(String message) {
    super(message, null);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  String outcome() {
    return "expired";
  }
}
