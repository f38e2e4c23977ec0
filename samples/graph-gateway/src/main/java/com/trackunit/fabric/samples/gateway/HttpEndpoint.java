// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import graphql.ExecutionResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /graphql} over HTTP, as the GraphQL over HTTP specification has it and the audits of the
 * npm package graphql-http check it; and the two health endpoints.
 */
final class HttpEndpoint extends Handler.Abstract {
  /** The longest request body, in bytes; as at Kong. */
  static final int MAX_BODY = 256 * 1024;

  private static final Set<String> JSON_RANGES = Set.of(Answers.JSON, "application/*", "*/*");
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);

  private final GraphqlEngine engine;
  private final BearerTokens tokens;
  private final HealthSource live;
  private final HealthSource ready;

  HttpEndpoint(GraphqlEngine engine, BearerTokens tokens, HealthSource live, HealthSource ready) {
    this.engine = engine;
    this.tokens = tokens;
    this.live = live;
    this.ready = ready;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    switch (Request.getPathInContext(request)) {
      case "/graphql" -> new Exchange(request, response, callback).begin();
      case "/health/live" -> health(live, request, response, callback);
      case "/health/ready" -> health(ready, request, response, callback);
      default -> {
        Refusal refusal = Refusal.of(404, "NOT_FOUND", "no such path; GraphQL is at /graphql");
        Answers.refuse(refusal, Answers.JSON, response, callback);
      }
    }
    return true;
  }

  private static void health(
      HealthSource source, Request request, Response response, Callback callback) {
    if (!request.getMethod().equals("GET")) {
      Refusal refusal = Refusal.methodNotAllowed("GET", "only GET");
      Answers.refuse(refusal, Answers.JSON, response, callback);
      return;
    }
    Health health = source.health();
    Answers.send(health.isUp() ? 200 : 503, Answers.JSON, health.toJson(), response, callback);
  }

  /** One request and its answer. */
  private final class Exchange {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private String mediaType = Answers.JSON;
    private @Nullable Caller caller;

    Exchange(Request request, Response response, Callback callback) {
      this.request = request;
      this.response = response;
      this.callback = callback;
    }

    void begin() {
      try {
        mediaType = negotiate(request.getHeaders().getQualityCSV(HttpHeader.ACCEPT));
        caller = tokens.caller(request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION));
        switch (request.getMethod()) {
          case "GET" -> run(GraphqlRequest.of(queryParameters()));
          case "POST" -> {
            requireJsonBody();
            var unused = RequestBody.read(request, MAX_BODY).whenComplete(this::read);
          }
          default -> throw Refusal.methodNotAllowed("GET, POST", "GraphQL takes GET and POST");
        }
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    private Fields queryParameters() {
      try {
        return Request.extractQueryParameters(request, StandardCharsets.UTF_8);
      } catch (RuntimeException e) {
        throw Refusal.badRequest("the URL's query is not valid percent-encoded UTF-8");
      }
    }

    private void requireJsonBody() {
      String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
      String charset = type == null ? null : MimeTypes.getCharsetFromContentType(type);
      if (type == null
          || !HttpField.getValueParameters(type, null).strip().equalsIgnoreCase(Answers.JSON)
          || (charset != null && !charset.equalsIgnoreCase("utf-8"))) {
        throw Refusal.of(
            415, "UNSUPPORTED_MEDIA_TYPE", "send Content-Type: application/json, in UTF-8");
      }
      if (request.getHeaders().contains(HttpHeader.CONTENT_ENCODING)) {
        throw Refusal.of(415, "UNSUPPORTED_MEDIA_TYPE", "send the body without Content-Encoding");
      }
    }

    private void read(byte @Nullable [] body, @Nullable Throwable failure) {
      try {
        if (body == null) {
          fail(Objects.requireNonNull(failure));
        } else {
          run(GraphqlRequest.of(Json.read(body, "the body")));
        }
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    private void run(GraphqlRequest graphql) {
      GraphqlEngine.Prepared prepared = engine.prepare(graphql);
      if (prepared.isMutation() && request.getMethod().equals("GET")) {
        throw Refusal.methodNotAllowed("POST", "a mutation needs POST");
      }
      engine.authorize(prepared, caller);
      if (prepared.isSubscription()) {
        throw Refusal.badDocument("a subscription needs a WebSocket (graphql-transport-ws)");
      }
      CallContext call = RequestScope.of(request).by(caller);
      engine
          .execute(prepared, call)
          .whenComplete(
              (result, failure) -> {
                if (result == null) {
                  fail(failure);
                } else {
                  answer(result);
                }
              });
    }

    private void answer(ExecutionResult result) {
      boolean isDocumentWrong = !result.isDataPresent() && mediaType.equals(Answers.GRAPHQL);
      String body = Json.write(result.toSpecification());
      Answers.send(isDocumentWrong ? 400 : 200, mediaType, body, response, callback);
    }

    private void fail(Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      if (cause instanceof Refusal refusal) {
        Answers.refuse(refusal, mediaType, response, callback);
        return;
      }
      String id = RequestScope.of(request).correlation().value();
      log.error("request failed unexpectedly, correlation {}", id, cause);
      Refusal refusal =
          Refusal.of(500, "INTERNAL", "an internal error; its correlation id is " + id);
      Answers.refuse(refusal, mediaType, response, callback);
    }
  }

  /** The first of the client's types, by its own weights, that we can write. */
  private static String negotiate(List<String> accepted) {
    if (accepted.isEmpty()) {
      return Answers.JSON;
    }
    for (String range : accepted) {
      String type = HttpField.getValueParameters(range, null).strip().toLowerCase(Locale.ROOT);
      if (type.equals(Answers.GRAPHQL)) {
        return Answers.GRAPHQL;
      }
      if (JSON_RANGES.contains(type)) {
        return Answers.JSON;
      }
    }
    throw Refusal.of(406, "NOT_ACCEPTABLE", "accept " + Answers.GRAPHQL + " or " + Answers.JSON);
  }
}
