// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.util.List;
import java.util.Map;

/** The service refused the input (422) and says why, field by field. */
public final class UploadRejectedException extends IngestionException {
  private static final long serialVersionUID = 1L;

  private final Map<String, List<String>> errors;

  UploadRejectedException(String message, Map<String, List<String>> errors) {
    super(message, null);
    this.errors = errors;
  }

  /**
   * The service's own words, meant for whoever made the input.
   *
   * @return messages by field name, in the service's order; unmodifiable; may be empty
   */
  public Map<String, List<String>> errors() {
    return errors;
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  String outcome() {
    return "rejected";
  }
}
