// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A request's fields, read one by one; what is wrong with any of them is collected for one answer.
 * A field that is wrong reads as empty or zero. Not thread-safe.
 */
final class Fields {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final ObjectNode body;
  private final Map<String, List<String>> errors = new LinkedHashMap<>();

  private Fields(ObjectNode body) {
    this.body = body;
  }

  static Fields of(String json) {
    try {
      if (MAPPER.readTree(json) instanceof ObjectNode object) {
        return new Fields(object);
      }
    } catch (JsonProcessingException e) {
      // The parser's message quotes the request; what it means is said below.
    }
    Fields none = new Fields(MAPPER.createObjectNode());
    none.wrong("body", "must be a JSON object");
    return none;
  }

  String text(String name, Predicate<String> valid, String rule) {
    JsonNode value = body.get(name);
    if (value == null || !value.isTextual() || !valid.test(value.textValue())) {
      wrong(name, rule);
      return "";
    }
    return value.textValue();
  }

  long positive(String name) {
    JsonNode value = body.get(name);
    if (value == null
        || !value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() <= 0) {
      wrong(name, "must be a whole number above 0");
      return 0;
    }
    return value.longValue();
  }

  void wrong(String name, String message) {
    errors.computeIfAbsent(name, field -> new ArrayList<>()).add(message);
  }

  /** Empty if all was well. */
  Map<String, List<String>> errors() {
    return errors;
  }
}
