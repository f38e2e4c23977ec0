// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

/**
 * The command to analyse a photo (again). Exchange {@link Wire.Exchanges#ANALYSIS_COMMANDS},
 * routing key {@link Wire.RoutingKeys#ANALYSIS_REQUEST}; its correlation id is the header {@link
 * com.trackunit.fabric.core.CorrelationId#HEADER}. Immutable.
 *
 * @param objectKey the photo
 */
public record RequestAnalysis(String objectKey) {
  /**
   * Checks what is required.
   *
   * @throws IllegalArgumentException if the object key is missing or blank
   */
  public RequestAnalysis {
    Required.text(objectKey, "objectKey");
  }
}
