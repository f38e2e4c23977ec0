// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

/** The service itself (not the funnel before it) says that it knows no such upload. Start anew. */
public final class UnknownUploadException extends IngestionException {
  private static final long serialVersionUID = 1L;

  private final String uploadId;

  UnknownUploadException(String message, String uploadId) {
    super(message, null);
    this.uploadId = uploadId;
  }

  /**
   * The id that was asked for.
   *
   * @return as given to {@link IngestionClient#confirmUpload}
   */
  public String uploadId() {
    return uploadId;
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  String outcome() {
    return "unknown_upload";
  }
}
