// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * What a REST call is answered with.
 *
 * @param status of HTTP
 * @param contentType of the body
 * @param body JSON
 */
record Answer(int status, String contentType, String body) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static Answer of(int status, ObjectNode body) {
    return new Answer(status, "application/json", body.toString());
  }

  /** RFC 9457. */
  static Answer problem(int status, String title, String detail) {
    ObjectNode body =
        object()
            .put("type", "about:blank")
            .put("title", title)
            .put("status", status)
            .put("detail", detail);
    return new Answer(status, "application/problem+json", body.toString());
  }

  /** 422 with the messages of each field. */
  static Answer invalid(Map<String, List<String>> errors) {
    ObjectNode body = object();
    body.set("errors", MAPPER.valueToTree(errors));
    return of(422, body);
  }

  static Answer invalid(String field, String message) {
    return invalid(Map.of(field, List.of(message)));
  }
}
