// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReactionsTest {
  private static final String KEY = "images/2026/11/23/9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11.jpg";
  private static final TraceParent TRACE = TraceParent.random();
  private static final Envelope ENVELOPE =
      new Envelope(
          Optional.of("tu.images.uploaded-2-17-1700000000000"),
          Optional.of(new CorrelationId("c-1")),
          Optional.of(TRACE),
          Optional.of(KEY));
  private static final Envelope BARE =
      new Envelope(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  @Test
  void anUploadStartsAnAnalysisThatCarriesOnItsIdsAndItsTrace() {
    Message event =
        Reactions.onImageUploaded(
            """
            {"uploadId":"9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11","objectKey":"%s",
             "contentType":"image/jpeg","bytes":1,"checksum":"sha256:%s",
             "occurredAt":"2026-11-23T09:00:00Z"}"""
                .formatted(KEY, "0".repeat(64))
                .getBytes(UTF_8),
            ENVELOPE);

    assertThat(ContractCodec.decode(event.body(), AnalysisStarted.class))
        .isEqualTo(new AnalysisStarted(KEY, "c-1"));
    assertThat(event.messageId())
        .hasValue("tu.images.uploaded-2-17-1700000000000:analysis.started");
    assertThat(event.contentType()).hasValue("application/json");
    assertThat(event.headers())
        .containsEntry("x-correlation-id", "c-1")
        .containsEntry("traceparent", TRACE.value())
        .containsEntry("x-schema", "analysis.started.v0")
        .containsEntry("x-producer", "svc-analysis-orchestrator");
  }

  @Test
  void aRecognitionCompletesTheAnalysisOfThePhotoThatItsKeyNames() {
    Message event = Reactions.onRecognitionCompleted(recognition("\"brand\":\"Volvo\","), ENVELOPE);

    AnalysisCompleted completed = ContractCodec.decode(event.body(), AnalysisCompleted.class);
    assertThat(completed.success()).isTrue();
    assertThat(completed.objectKey()).isEqualTo(KEY);
    assertThat(completed.correlationId()).isEqualTo("c-1");
    assertThat(completed.recognitionPayload()).isNotNull();
    assertThat(event.messageId())
        .hasValueSatisfying(id -> assertThat(id).endsWith(":analysis.completed"));
  }

  @Test
  void aRecognitionThatNamesNothingIsNoSuccess() {
    Message event = Reactions.onRecognitionCompleted(recognition(""), ENVELOPE);
    assertThat(ContractCodec.decode(event.body(), AnalysisCompleted.class).success()).isFalse();
  }

  @Test
  void aRecognitionWithoutKeyIsMalformed() {
    assertThatThrownBy(() -> Reactions.onRecognitionCompleted(recognition(""), BARE))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("x-kafka-key");
  }

  @Test
  void aCommandStartsAnAnalysisAndNeedsNoIds() {
    Message event = Reactions.onRequestAnalysis("{\"objectKey\":\"k\"}".getBytes(UTF_8), BARE);
    assertThat(new String(event.body(), UTF_8)).isEqualTo("{\"objectKey\":\"k\"}");
    assertThat(event.messageId()).isEmpty();
  }

  @Test
  void anIdThatWouldBeTooLongIsMadeOfItsDigest() {
    String id = Reactions.idOf("ä".repeat(127), "analysis.started");
    assertThat(id).matches("[0-9a-f]{64}:analysis\\.started");
    assertThat(Reactions.idOf("ä".repeat(127), "analysis.started")).isEqualTo(id);
  }

  private static byte[] recognition(String members) {
    return ("{\"provider\":{\"name\":\"vision\",\"featureset\":[]},\"aggregate\":{"
            + members
            + "\"confidence\":0.4,\"isConfident\":false}}")
        .getBytes(UTF_8);
  }
}
