// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  /** A presigned URL with a session token has about 2,000 characters. */
  private static final int LONGEST_TEXT = 16_384;

  private JsonAnswers() {}

  static ObjectNode newObject() {
    return MAPPER.createObjectNode();
  }

  /** Not a text, for which OkHttp would parse a media type anew with each request. */
  static byte[] bytes(ObjectNode object) {
    try {
      return MAPPER.writeValueAsBytes(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts and numbers can be written", e);
    }
  }

  static Upload upload(byte[] body) throws MalformedAnswerException {
    ObjectNode answer = requireObject(body);
    return new Upload(
        text(answer, "uploadId"), text(answer, "key"), putUrl(answer), expiresAt(answer));
  }

  static String status(byte[] body) throws MalformedAnswerException {
    return text(requireObject(body), "status");
  }

  static Map<String, List<String>> fieldErrors(byte[] body) throws MalformedAnswerException {
    if (!(requireObject(body).get("errors") instanceof ObjectNode errors)) {
      throw new MalformedAnswerException("no object 'errors'");
    }
    Map<String, List<String>> byField = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : errors.properties()) {
      List<String> messages = new ArrayList<>();
      for (JsonNode message : requireArray(field.getValue())) {
        if (!message.isTextual()) {
          throw new MalformedAnswerException("'errors' that hold something else than texts");
        }
        messages.add(message.textValue());
      }
      byField.put(field.getKey(), List.copyOf(messages));
    }
    return Collections.unmodifiableMap(byField);
  }

  static ObjectNode requireObject(byte[] body) throws MalformedAnswerException {
    JsonNode node;
    try {
      node = MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      // Jackson's message quotes the answer: only the place goes on.
      throw new MalformedAnswerException("a body that is not JSON" + place(e.getLocation()));
    } catch (IOException e) {
      throw new MalformedAnswerException("a body that is not JSON: it is not in UTF-8");
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new MalformedAnswerException("a body that is not a JSON object");
  }

  /** None where a limit of the parser, such as how deep a text may nest, ended it. */
  private static String place(@Nullable JsonLocation location) {
    return location == null
        ? ", or nested too deep or too long in one value"
        : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  private static ArrayNode requireArray(JsonNode value) throws MalformedAnswerException {
    if (value instanceof ArrayNode array) {
      return array;
    }
    throw new MalformedAnswerException("'errors' that hold something else than arrays");
  }

  private static String text(ObjectNode answer, String field) throws MalformedAnswerException {
    JsonNode value = answer.get(field);
    if (value == null || !value.isTextual() || value.textValue().isBlank()) {
      throw new MalformedAnswerException("no text in field '" + field + "'");
    }
    String text = value.textValue();
    // It goes on into messages and logs, where a line of its own would pass for ours.
    if (text.length() > LONGEST_TEXT || text.chars().anyMatch(Character::isISOControl)) {
      throw new MalformedAnswerException(
          "control characters, or more than " + LONGEST_TEXT + " others, in field '" + field + "'");
    }
    return text;
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
    throw new MalformedAnswerException("a 'putUrl' that is not an https URL");
  }

  private static Instant expiresAt(ObjectNode answer) throws MalformedAnswerException {
    try {
      return OffsetDateTime.parse(text(answer, "expiresAt")).toInstant();
    } catch (DateTimeException e) {
      // Its message quotes the answer, so it is not the cause of anything.
      throw new MalformedAnswerException("an 'expiresAt' that is not ISO 8601 with an offset");
    }
  }
}
