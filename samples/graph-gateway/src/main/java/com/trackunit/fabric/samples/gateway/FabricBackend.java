// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.CallOptions;
import com.trackunit.fabric.ingestion.IngestionClient;
import com.trackunit.fabric.ingestion.IngestionUnavailableException;
import com.trackunit.fabric.ingestion.UnknownUploadException;
import com.trackunit.fabric.ingestion.Upload;
import com.trackunit.fabric.ingestion.UploadRejectedException;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.NotPublishedException;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.RequestAnalysis;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mutations, over the ingestion client and RabbitMQ. */
final class FabricBackend implements Backend {
  private static final Logger log = LoggerFactory.getLogger(FabricBackend.class);

  private final IngestionClient ingestion;
  private final RabbitLink rabbit;
  private final Clock clock;

  FabricBackend(IngestionClient ingestion, RabbitLink rabbit, Clock clock) {
    this.ingestion = ingestion;
    this.rabbit = rabbit;
    this.clock = clock;
  }

  /** Answers only when the owner is on record: no event can come before the client has the URL. */
  @Override
  public CompletionStage<Upload> startUpload(
      CallContext call, String filename, String contentType) {
    return told(ingestion.startUploadAsync(filename, contentType, options(call)), call)
        .thenCompose(upload -> record(call, upload));
  }

  @Override
  public CompletionStage<String> confirmUpload(
      CallContext call, String uploadId, int bytes, String checksum) {
    return told(ingestion.confirmUploadAsync(uploadId, bytes, checksum, options(call)), call);
  }

  @Override
  public CompletionStage<CorrelationId> requestAnalysis(CallContext call, String objectKey) {
    Ownership known =
        rabbit
            .owners()
            .of(objectKey)
            .filter(ownership -> ownership.owner().equals(call.owner()))
            // One answer for 'unknown' and 'another's': nobody learns which keys exist.
            .orElseThrow(
                () -> new FieldError("FORBIDDEN", "you have no upload with this objectKey", false));
    CorrelationId correlation =
        call.requestedCorrelation().orElseGet(() -> new CorrelationId(known.correlationId()));
    Message command =
        Message.of(ContractCodec.encode(new RequestAnalysis(objectKey)))
            .routingKey(Wire.RoutingKeys.ANALYSIS_REQUEST)
            .contentType("application/json")
            .header(Wire.Headers.SCHEMA, Wire.Schemas.ANALYSIS_REQUEST)
            .header(Wire.Headers.PRODUCER, Wire.Services.GRAPH_GATEWAY)
            .correlationId(correlation)
            .traceParent(call.trace());
    return confirmed(rabbit.commands().publish(command), "the request")
        .thenApply(nothing -> correlation);
  }

  private static CallOptions options(CallContext call) {
    return CallOptions.of(call.correlation()).trace(call.trace());
  }

  private CompletionStage<Upload> record(CallContext call, Upload upload) {
    Owner owner = call.owner();
    Ownership ownership =
        new Ownership(
            upload.key(),
            owner.tenantId(),
            owner.objectId(),
            call.correlation().value(),
            clock.instant());
    return confirmed(rabbit.ownerLog().write(ownership), "the upload's owner")
        .thenApply(
            nothing -> {
              rabbit.owners().add(ownership);
              return upload;
            });
  }

  private static CompletionStage<Void> confirmed(
      CompletionStage<PublishOutcome> stage, String what) {
    return stage.handle(
        (outcome, failure) -> {
          if (outcome instanceof PublishOutcome.Confirmed) {
            return null;
          }
          throw notConfirmed(outcome, failure, what);
        });
  }

  private static RuntimeException notConfirmed(
      @Nullable PublishOutcome outcome, @Nullable Throwable failure, String what) {
    log.warn("{} was not confirmed: {}", what, outcome == null ? failure : outcome);
    if (outcome instanceof PublishOutcome.Unknown) {
      return new FieldError(
          "OUTCOME_UNKNOWN",
          "nobody can tell whether "
              + what
              + " was taken; asking again is safe, and may do it twice",
          true);
    }
    if (outcome != null || cause(failure) instanceof NotPublishedException) {
      return new FieldError(
          "MESSAGING_UNAVAILABLE", what + " was not taken; try again later", true);
    }
    return new CompletionException(failure);
  }

  /** The ingestion service's failures, in the words that a client may hear. */
  private static <T> CompletionStage<T> told(CompletionStage<T> stage, CallContext call) {
    CompletableFuture<T> told = new CompletableFuture<>();
    stage.whenComplete(
        (answer, failure) -> {
          if (failure == null) {
            told.complete(answer);
          } else {
            Throwable cause = cause(failure);
            log.info("ingestion, correlation {}: {}", call.correlation(), String.valueOf(cause));
            told.completeExceptionally(fieldError(cause));
          }
        });
    return told;
  }

  private static Throwable fieldError(@Nullable Throwable failure) {
    if (failure instanceof UploadRejectedException rejected) {
      return new FieldError(
          "the upload was refused",
          Map.of("code", "UPLOAD_REJECTED", "retryable", false, "fields", rejected.errors()));
    }
    if (failure instanceof UnknownUploadException) {
      return new FieldError("UNKNOWN_UPLOAD", "no such upload: start a new one", false);
    }
    if (failure instanceof IngestionUnavailableException) {
      return new FieldError(
          "INGESTION_UNAVAILABLE", "the ingestion service is away; try again later", true);
    }
    return new FieldError("INGESTION_FAILED", "the ingestion service could not be used", false);
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
