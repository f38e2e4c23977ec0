// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import com.trackunit.fabric.samples.contracts.RecognitionCompleted;
import com.trackunit.fabric.samples.contracts.RequestAnalysis;
import com.trackunit.fabric.samples.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the orchestrator: which event follows from which message. Plain functions; each
 * throws {@link MalformedMessageException} for a message that it cannot use.
 *
 * <p>The event's id is made of the message's id, so that a repeated message makes an event with the
 * same id, and consumers can tell.
 */
final class Reactions {
  private static final int LONGEST_ID = 255;

  private Reactions() {}

  /** Reacts once for nobody: else the first client would wait for classes to load. */
  static void warmUp() {
    byte[] command = ContractCodec.encode(new RequestAnalysis("warm-up"));
    Envelope nobody =
        new Envelope(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    var unused = onRequestAnalysis(command, nobody);
  }

  /** An upload begins an analysis. */
  static Message onImageUploaded(byte[] body, Envelope envelope) {
    ImageUploaded uploaded = ContractCodec.decode(body, ImageUploaded.class);
    return started(envelope, uploaded.objectKey());
  }

  /** A command begins an analysis too; its recognition follows when the vision service has it. */
  static Message onRequestAnalysis(byte[] body, Envelope envelope) {
    RequestAnalysis request = ContractCodec.decode(body, RequestAnalysis.class);
    return started(envelope, request.objectKey());
  }

  /** A recognition ends an analysis. It does not name its photo, its key does. */
  static Message onRecognitionCompleted(byte[] body, Envelope envelope) {
    RecognitionCompleted recognition = ContractCodec.decode(body, RecognitionCompleted.class);
    String objectKey =
        envelope
            .key()
            .orElseThrow(
                () ->
                    new MalformedMessageException(
                        "RecognitionCompleted",
                        "header "
                            + Wire.Headers.KAFKA_KEY
                            + " and routing key are empty, expected the object key"));
    AnalysisCompleted completed =
        new AnalysisCompleted(
            isMachine(recognition.aggregate()), recognition, objectKey, correlationId(envelope));
    return event(
        envelope, completed, Wire.Exchanges.ANALYSIS_COMPLETED, Wire.Schemas.ANALYSIS_COMPLETED);
  }

  private static Message started(Envelope envelope, String objectKey) {
    return event(
        envelope,
        new AnalysisStarted(objectKey, correlationId(envelope)),
        Wire.Exchanges.ANALYSIS_STARTED,
        Wire.Schemas.ANALYSIS_STARTED);
  }

  /**
   * An analysis succeeded if it named anything of the machine. How sure it is, the client reads in
   * the payload: a guess is an answer too.
   */
  private static boolean isMachine(RecognitionCompleted.Aggregate aggregate) {
    return Stream.of(aggregate.brand(), aggregate.type(), aggregate.model(), aggregate.name())
        .anyMatch(Objects::nonNull);
  }

  private static Message event(Envelope envelope, Record event, String exchange, String schema) {
    Message message =
        Message.of(ContractCodec.encode(event))
            .contentType("application/json")
            .header(Wire.Headers.SCHEMA, schema)
            .header(Wire.Headers.PRODUCER, Wire.Services.ANALYSIS_ORCHESTRATOR);
    if (envelope.messageId().isPresent()) {
      message = message.messageId(idOf(envelope.messageId().get(), exchange));
    }
    if (envelope.correlationId().isPresent()) {
      message = message.correlationId(envelope.correlationId().get());
    }
    if (envelope.traceParent().isPresent()) {
      message = message.traceParent(envelope.traceParent().get());
    }
    return message;
  }

  /** {@code {message id}:{exchange}}; past AMQP's bound the message id's SHA-256 stands for it. */
  static String idOf(String messageId, String exchange) {
    String id = messageId + ":" + exchange;
    if (id.getBytes(StandardCharsets.UTF_8).length <= LONGEST_ID) {
      return id;
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha256.digest(messageId.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest) + ":" + exchange;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static @Nullable String correlationId(Envelope envelope) {
    return envelope.correlationId().map(CorrelationId::value).orElse(null);
  }
}
