// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import org.jspecify.annotations.Nullable;

/**
 * The analysis of a photo has ended. Exchange {@link Wire.Exchanges#ANALYSIS_COMPLETED}. Immutable.
 *
 * @param success whether a machine was recognised
 * @param recognitionPayload what the vision service answered, if it did
 * @param objectKey the photo; ours adds it, other producers may leave it out
 * @param correlationId the id of the whole journey; ours adds it, other producers may leave it out
 */
public record AnalysisCompleted(
    boolean success,
    @Nullable RecognitionCompleted recognitionPayload,
    @Nullable String objectKey,
    @Nullable String correlationId) {}
