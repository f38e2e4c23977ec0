// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import com.trackunit.fabric.samples.contracts.Wire;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event of the orchestrator, on its way to the subscriptions.
 *
 * @param exchange which event it is
 * @param objectKey the photo; it decides whose event this is
 * @param correlationId for those who filter by it; null where the producer told none
 * @param message the contract, as GraphQL shows it
 */
record AnalysisEvent(
    String exchange, String objectKey, @Nullable String correlationId, Record message) {

  /**
   * Reads an event. A correlation id beside the body stands in for one that is not in it.
   *
   * @return empty for an event that names no photo: nobody can own it
   * @throws MalformedMessageException if the body is not the exchange's contract
   */
  static Optional<AnalysisEvent> read(
      String exchange, byte[] body, @Nullable String correlationBeside) {
    if (exchange.equals(Wire.Exchanges.ANALYSIS_STARTED)) {
      AnalysisStarted told = ContractCodec.decode(body, AnalysisStarted.class);
      String id = told.correlationId() == null ? correlationBeside : told.correlationId();
      return Optional.of(started(told.objectKey(), id));
    }
    AnalysisCompleted told = ContractCodec.decode(body, AnalysisCompleted.class);
    if (told.objectKey() == null) {
      return Optional.empty();
    }
    String id = told.correlationId() == null ? correlationBeside : told.correlationId();
    return Optional.of(
        completed(
            told.objectKey(),
            new AnalysisCompleted(
                told.success(), told.recognitionPayload(), told.objectKey(), id)));
  }

  static AnalysisEvent started(String objectKey, @Nullable String correlationId) {
    return new AnalysisEvent(
        Wire.Exchanges.ANALYSIS_STARTED,
        objectKey,
        correlationId,
        new AnalysisStarted(objectKey, correlationId));
  }

  static AnalysisEvent completed(String objectKey, AnalysisCompleted told) {
    return new AnalysisEvent(
        Wire.Exchanges.ANALYSIS_COMPLETED, objectKey, told.correlationId(), told);
  }
}
