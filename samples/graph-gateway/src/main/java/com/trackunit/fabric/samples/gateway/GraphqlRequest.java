// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * The four parameters of a GraphQL request, as GraphQL over HTTP and graphql-transport-ws both
 * carry them.
 *
 * @param query the document
 * @param operationName which of its operations; null where it holds one
 * @param variables empty where none were sent
 * @param extensions empty where none were sent
 */
record GraphqlRequest(
    String query,
    @Nullable String operationName,
    Map<String, Object> variables,
    Map<String, Object> extensions) {

  /**
   * Reads the JSON form.
   *
   * @throws Refusal 400 if a parameter is missing or of the wrong type
   */
  static GraphqlRequest of(JsonNode body) {
    if (!body.isObject()) {
      throw Refusal.badRequest("expected a JSON object with `query`; batches are not supported");
    }
    JsonNode query = body.path("query");
    if (!query.isTextual()) {
      throw Refusal.badRequest("`query` is missing or not a string");
    }
    JsonNode name = body.path("operationName");
    if (!isAbsent(name) && !name.isTextual()) {
      throw Refusal.badRequest("`operationName` is not a string");
    }
    return new GraphqlRequest(
        query.textValue(),
        name.textValue(),
        map(body.path("variables"), "variables"),
        map(body.path("extensions"), "extensions"));
  }

  /**
   * Reads the form of GET: four query parameters, two of them JSON.
   *
   * @throws Refusal 400 if a parameter is missing, there twice or of the wrong type
   */
  static GraphqlRequest of(Fields parameters) {
    String query = single(parameters, "query");
    if (query == null) {
      throw Refusal.badRequest("`query` is missing");
    }
    return new GraphqlRequest(
        query,
        single(parameters, "operationName"),
        map(json(single(parameters, "variables"), "variables"), "variables"),
        map(json(single(parameters, "extensions"), "extensions"), "extensions"));
  }

  private static @Nullable String single(Fields parameters, String name) {
    Fields.Field field = parameters.get(name);
    if (field != null && field.hasMultipleValues()) {
      throw Refusal.badRequest("`" + name + "` is there more than once");
    }
    return field == null ? null : field.getValue();
  }

  private static JsonNode json(@Nullable String text, String name) {
    if (text == null) {
      return Json.nothing();
    }
    return Json.read(text, "`" + name + "`");
  }

  private static Map<String, Object> map(JsonNode node, String name) {
    if (isAbsent(node)) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw Refusal.badRequest("`" + name + "` is not a JSON object");
    }
    return Json.toMap(node);
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }
}
