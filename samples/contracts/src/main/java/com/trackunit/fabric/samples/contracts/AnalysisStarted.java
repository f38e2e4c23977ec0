// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import org.jspecify.annotations.Nullable;

/**
 * The analysis of a photo has begun. Exchange {@link Wire.Exchanges#ANALYSIS_STARTED}. Immutable.
 *
 * @param objectKey the photo
 * @param correlationId the id of the whole journey; ours adds it, other producers may leave it out
 */
public record AnalysisStarted(String objectKey, @Nullable String correlationId) {
  /**
   * Checks what is required.
   *
   * @throws IllegalArgumentException if the object key is missing or blank
   */
  public AnalysisStarted {
    Required.text(objectKey, "objectKey");
  }
}
