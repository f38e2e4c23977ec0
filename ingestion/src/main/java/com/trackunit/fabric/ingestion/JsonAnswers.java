// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON of the contract, both ways. Strict in what it needs, blind to unknown fields; its errors
 * name the field and never quote the answer, which may hold a presigned URL.
 */
final class JsonAnswers {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonAnswers() {}

  static ObjectNode newObject() {
    return MAPPER.createObjectNode();
  }

  static Upload upload(String body) throws MalformedAnswerException {
    ObjectNode answer = requireObject(body);
    return new Upload(
        text(answer, "uploadId"), text(answer, "key"), putUrl(answer), expiresAt(answer));
  }

  static String status(String body) throws MalformedAnswerException {
    return text(requireObject(body), "status");
  }

  static Map<String, List<String>> fieldErrors(String body) throws MalformedAnswerException {
    if (!(requireObject(body).get("errors") instanceof ObjectNode errors)) {
      throw new MalformedAnswerException("no object 'errors'", null);
    }
    Map<String, List<String>> byField = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : errors.properties()) {
      List<String> messages = new ArrayList<>();
      for (JsonNode message : field.getValue()) {
        if (!message.isTextual()) {
          throw new MalformedAnswerException("'errors' that hold something else than texts", null);
        }
        messages.add(message.textValue());
      }
      byField.put(field.getKey(), List.copyOf(messages));
    }
    return Collections.unmodifiableMap(byField);
  }

  static ObjectNode requireObject(String body) throws MalformedAnswerException {
    JsonNode node;
    try {
      node = MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      // Jackson's message quotes the answer: only the place goes on.
      throw new MalformedAnswerException(
          "a body that is not JSON at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr(),
          null);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new MalformedAnswerException("a body that is not a JSON object", null);
  }

  private static String text(ObjectNode answer, String field) throws MalformedAnswerException {
    JsonNode value = answer.get(field);
    if (value == null || !value.isTextual() || value.textValue().isBlank()) {
      throw new MalformedAnswerException("no text in field '" + field + "'", null);
    }
    return value.textValue();
  }

  private static URI putUrl(ObjectNode answer) throws MalformedAnswerException {
    try {
      URI url = URI.create(text(answer, "putUrl"));
      if ("https".equalsIgnoreCase(url.getScheme()) && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Its message holds the URL, so it is not the cause of anything.
    }
    throw new MalformedAnswerException("a 'putUrl' that is not an https URL", null);
  }

  private static Instant expiresAt(ObjectNode answer) throws MalformedAnswerException {
    try {
      return OffsetDateTime.parse(text(answer, "expiresAt")).toInstant();
    } catch (DateTimeException e) {
      throw new MalformedAnswerException("an 'expiresAt' that is not ISO 8601 with an offset", e);
    }
  }
}
