// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** GraphQL's envelopes as JSON trees, and what may be told of them. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int LONGEST_QUOTE = 200;

  private Json() {}

  static String write(Map<String, ?> members) {
    try {
      return MAPPER.writeValueAsString(members);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a JSON object", e);
    }
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a JSON tree", e);
    }
  }

  /** The object in a text; null if it holds none. */
  static @Nullable JsonNode object(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node != null && node.isObject() ? node : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  static String requiredText(JsonNode object, String pointer, String where) {
    JsonNode node = object.at(pointer);
    if (!node.isTextual() || node.textValue().isEmpty()) {
      throw new TrackunitClientException(
          Reason.PROTOCOL, where + ": the answer has no text at " + pointer);
    }
    return node.textValue();
  }

  /** The first GraphQL error (GraphQL, section 7.1.2) in words for a reader. */
  static TrackunitClientException graphqlError(String where, JsonNode errors) {
    JsonNode first = errors.isArray() ? errors.path(0) : errors;
    String code = first.at("/extensions/code").asText("");
    String said = quote(first.path("message").asText("no message"));
    boolean forbidden = code.equals("FORBIDDEN");
    return new TrackunitClientException(
        forbidden ? Reason.FORBIDDEN : Reason.REFUSED,
        where
            + ": the gateway said no: "
            + said
            + (code.isEmpty() ? "" : " (" + quote(code) + ")")
            + fieldsOf(first));
  }

  /** What a refusal says of each input, if it does. */
  private static String fieldsOf(JsonNode error) {
    JsonNode fields = error.at("/extensions/fields");
    return fields.isObject() && !fields.isEmpty() ? ": " + quote(fields.toString()) : "";
  }

  /** A peer's text, fit for one line of a log. */
  static String quote(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "...";
  }
}
