// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

/** The service refused the internal access key (401 or 403). Another key is needed. */
public final class IngestionUnauthorizedException extends IngestionException {
  private static final long serialVersionUID = 1L;

  IngestionUnauthorizedException(String message) {
    super(message, null);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  String outcome() {
    return "unauthorized";
  }
}
