// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContractCodecTest {
  private static final String KEY = "images/2026/11/23/9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11.jpg";
  private static final ImageUploaded UPLOADED =
      new ImageUploaded(
          UUID.fromString("9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11"),
          KEY,
          "image/jpeg",
          1234,
          "sha256:" + "ab".repeat(32),
          Instant.parse("2026-11-23T09:00:00.123Z"));
  private static final String UPLOADED_JSON =
      """
      {"uploadId":"9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11","objectKey":"%s",\
      "contentType":"image/jpeg","bytes":1234,"checksum":"sha256:%s",\
      "occurredAt":"2026-11-23T09:00:00.123Z"}"""
          .formatted(KEY, "ab".repeat(32));
  private static final RecognitionCompleted RECOGNISED =
      new RecognitionCompleted(
          new RecognitionCompleted.Provider("vision", "v1", List.of("brand", "type"), 5),
          new RecognitionCompleted.Aggregate(
              "Volvo", "excavator", "EC220", 0.97, true, 0.9, "labels", "Volvo EC220"));
  private static final String RECOGNISED_JSON =
      """
      {"provider":{"name":"vision","apiVersion":"v1","featureset":["brand","type"],"maxResults":5},\
      "aggregate":{"brand":"Volvo","type":"excavator","model":"EC220","confidence":0.97,\
      "isConfident":true,"typeConfidence":0.9,"typeSource":"labels","name":"Volvo EC220"}}""";

  static Stream<Arguments> contracts() {
    return Stream.of(
        Arguments.of(UPLOADED, UPLOADED_JSON),
        Arguments.of(RECOGNISED, RECOGNISED_JSON),
        Arguments.of(
            new RecognitionCompleted(
                new RecognitionCompleted.Provider("vision", null, List.of(), null),
                new RecognitionCompleted.Aggregate(null, null, null, 0, false, null, null, null)),
            "{\"provider\":{\"name\":\"vision\",\"featureset\":[]},"
                + "\"aggregate\":{\"confidence\":0.0,\"isConfident\":false}}"),
        Arguments.of(
            new AnalysisStarted(KEY, "c-1"),
            "{\"objectKey\":\"" + KEY + "\",\"correlationId\":\"c-1\"}"),
        Arguments.of(
            new AnalysisCompleted(true, RECOGNISED, KEY, "c-1"),
            "{\"success\":true,\"recognitionPayload\":"
                + RECOGNISED_JSON
                + ",\"objectKey\":\""
                + KEY
                + "\",\"correlationId\":\"c-1\"}"),
        Arguments.of(new AnalysisCompleted(false, null, null, null), "{\"success\":false}"),
        Arguments.of(new RequestAnalysis(KEY), "{\"objectKey\":\"" + KEY + "\"}"));
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void everyContractIsItsDocumentedJsonBothWays(Record message, String json) {
    assertThat(new String(ContractCodec.encode(message), UTF_8)).isEqualTo(json);
    assertThat((Record) ContractCodec.decode(json.getBytes(UTF_8), message.getClass()))
        .isEqualTo(message);
  }

  @Test
  void unknownMembersAreIgnored() {
    String json = "{\"objectKey\":\"k\",\"colour\":{\"deep\":[1,2]}}";
    assertThat(ContractCodec.decode(json.getBytes(UTF_8), AnalysisStarted.class))
        .isEqualTo(new AnalysisStarted("k", null));
  }

  @Test
  void momentsWithAnOffsetAreTakenAsUtc() {
    String json = UPLOADED_JSON.replace("09:00:00.123Z", "10:00:00.1234567+01:00");
    assertThat(ContractCodec.decode(json.getBytes(UTF_8), ImageUploaded.class).occurredAt())
        .isEqualTo(Instant.parse("2026-11-23T09:00:00.1234567Z"));
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("", "not the JSON object expected"),
        Arguments.of("null", "the body is null"),
        Arguments.of("[1]", "not the JSON object expected"),
        Arguments.of("{\"objectKey\":\"SECRET", "not JSON (line 1, column "),
        Arguments.of(UPLOADED_JSON + "{}", "not the JSON object expected"),
        Arguments.of(UPLOADED_JSON.replace(",\"bytes\":1234", ""), "bytes is missing"),
        Arguments.of(UPLOADED_JSON.replace("1234,", "\"SECRET\","), "bytes is missing or of"),
        Arguments.of(UPLOADED_JSON.replace("1234,", "\"1234\","), "bytes is missing or of"),
        Arguments.of(UPLOADED_JSON.replace("1234,", "0,"), "bytes is 0, expected more than 0"),
        Arguments.of(UPLOADED_JSON.replace("objectKey", "other"), "objectKey is missing"),
        Arguments.of(UPLOADED_JSON.replace(KEY, " "), "objectKey is blank"),
        Arguments.of(UPLOADED_JSON.replace("sha256", "SECRET"), "checksum has another form"),
        Arguments.of(UPLOADED_JSON.replace("9b2f3c51", "SECRET"), "missing or of another type"),
        Arguments.of(
            UPLOADED_JSON.replace("2026-11-23T", "SECRET"), "occurredAt is missing or of another"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void aMalformedBodyIsNamedAndNothingOfItKept(String json, String problem) {
    assertThatThrownBy(() -> ContractCodec.decode(json.getBytes(UTF_8), ImageUploaded.class))
        .isInstanceOfSatisfying(
            MalformedMessageException.class,
            e -> {
              assertThat(e).hasMessageContaining("ImageUploaded").hasMessageContaining(problem);
              assertThat(e.contract()).isEqualTo("ImageUploaded");
              assertThat(e.isRetryable()).isFalse();
              assertThat(e.getCause()).isNull();
              assertThat(e.toString()).doesNotContain("SECRET").doesNotContain("9b2f3c51");
            });
  }

  static Stream<Arguments> malformedRecognitions() {
    return Stream.of(
        Arguments.of("{}", "provider is missing"),
        Arguments.of(RECOGNISED_JSON.replace("\"confidence\":0.97,", ""), "aggregate.confidence"),
        Arguments.of(RECOGNISED_JSON.replace("0.97", "1.97"), "confidence is 1.97, expected 0"),
        Arguments.of(RECOGNISED_JSON.replace("\"isConfident\":true,", ""), "isConfident"),
        Arguments.of(RECOGNISED_JSON.replace("\"vision\"", "null"), "provider.name is missing"),
        Arguments.of(RECOGNISED_JSON.replace("[\"brand\"", "[null"), "featureset"));
  }

  @ParameterizedTest
  @MethodSource("malformedRecognitions")
  void aRecognitionWithoutWhatItRequiresIsMalformed(String json, String problem) {
    assertThatThrownBy(() -> ContractCodec.decode(json.getBytes(UTF_8), RecognitionCompleted.class))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(problem);
  }
}
