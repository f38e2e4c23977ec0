// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The description of tu-ingestion-service that the repository keeps, held against whatever passes
 * this interceptor. It knows just as much of OpenAPI as that description uses.
 */
final class Contract implements Interceptor {
  private static final Map<String, Predicate<JsonNode>> TYPES =
      Map.of(
          "object", JsonNode::isObject,
          "array", JsonNode::isArray,
          "string", JsonNode::isTextual,
          "integer", JsonNode::isIntegralNumber);

  private final JsonNode description;
  private final Set<String> seen = new TreeSet<>();
  private final List<String> breaches = new ArrayList<>();

  Contract() {
    try {
      Path root = Path.of(Objects.requireNonNull(System.getProperty("fabric.root")));
      description =
          new ObjectMapper()
              .readTree(root.resolve("ingestion/contract/tu-ingestion-service.v1.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The operations and statuses that passed, such as {@code startUpload 200}. */
  Set<String> seen() {
    return seen;
  }

  /** What did not fit. */
  List<String> breaches() {
    return breaches;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    Response response = chain.proceed(request);
    JsonNode operation =
        description
            .path("paths")
            .path(request.url().encodedPath())
            .path(request.method().toLowerCase(Locale.ROOT));
    if (operation.isMissingNode()) {
      breaches.add(request.method() + " " + request.url().encodedPath() + " is not described");
      return response;
    }
    String name = operation.path("operationId").asText();
    headers(name, operation, request);
    body(name, operation, request);
    answer(name, operation, response);
    return response;
  }

  private void headers(String name, JsonNode operation, Request request) {
    for (JsonNode reference : operation.path("parameters")) {
      JsonNode parameter = resolved(reference);
      String header = parameter.path("name").asText();
      String value = request.header(header);
      if (value == null) {
        require(!parameter.path("required").asBoolean(), name + " lacks header " + header);
      } else {
        Pattern form = Pattern.compile(parameter.at("/schema/pattern").asText());
        require(form.matcher(value).find(), name + ": header " + header + " has another form");
      }
    }
    boolean needsKey = !operation.has("security");
    require(needsKey == (request.header("X-Internal-Access") != null), name + ": the access key");
  }

  private void body(String name, JsonNode operation, Request request) throws IOException {
    JsonNode content = operation.at("/requestBody/content");
    if (content.isMissingNode() || request.body() == null) {
      require(content.isMissingNode() && request.body() == null, name + ": the request's body");
      return;
    }
    Buffer body = new Buffer();
    request.body().writeTo(body);
    check(name + " request", content, request.body().contentType(), body.readUtf8());
  }

  private void answer(String name, JsonNode operation, Response response) throws IOException {
    String status = String.valueOf(response.code());
    JsonNode responses = operation.path("responses");
    JsonNode described =
        responses.has(status) ? responses.path(status) : responses.path(status.charAt(0) + "XX");
    if (described.isMissingNode()) {
      breaches.add(name + " answers " + status + ", which is not described");
      return;
    }
    seen.add(name + " " + status);
    JsonNode content = resolved(described).path("content");
    if (!content.isMissingNode()) {
      check(
          name + " " + status,
          content,
          response.body().contentType(),
          response.peekBody(64 * 1024).string());
    }
  }

  private void check(String where, JsonNode content, @Nullable MediaType type, String body)
      throws IOException {
    String media = type == null ? "none" : type.type() + "/" + type.subtype();
    if (!content.has(media)) {
      breaches.add(where + " is " + media + ", which is not described");
      return;
    }
    check(where, content.path(media).path("schema"), new ObjectMapper().readTree(body));
  }

  private void check(String where, JsonNode reference, JsonNode value) {
    JsonNode schema = resolved(reference);
    Predicate<JsonNode> type =
        Objects.requireNonNull(TYPES.get(schema.path("type").asText()), where);
    if (!type.test(value)) {
      breaches.add(where + " is no " + schema.path("type").asText());
      return;
    }
    if (schema.has("pattern")) {
      Pattern form = Pattern.compile(schema.path("pattern").asText());
      require(form.matcher(value.asText()).find(), where + " has another form");
    }
    schema
        .path("required")
        .forEach(field -> require(value.has(field.asText()), where + " lacks " + field));
    schema
        .path("properties")
        .properties()
        .forEach(
            field -> {
              if (value.has(field.getKey())) {
                check(where + "." + field.getKey(), field.getValue(), value.get(field.getKey()));
              }
            });
    if (schema.has("additionalProperties")) {
      value.forEach(member -> check(where + ".*", schema.path("additionalProperties"), member));
    }
    if (schema.has("items")) {
      value.forEach(item -> check(where + "[]", schema.path("items"), item));
    }
  }

  private void require(boolean holds, String breach) {
    if (!holds) {
      breaches.add(breach);
    }
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? description.at(node.path("$ref").asText().substring(1)) : node;
  }
}
