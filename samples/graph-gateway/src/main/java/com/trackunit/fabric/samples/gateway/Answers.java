// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The bodies that leave over HTTP. */
final class Answers {
  /** GraphQL over HTTP's own media type: the status speaks about the document. */
  static final String GRAPHQL = "application/graphql-response+json";

  /** The older one: a document that is wrong is still answered with 200. */
  static final String JSON = "application/json";

  private Answers() {}

  /** A refusal, in the form that the client accepts. */
  static void refuse(Refusal refusal, String mediaType, Response response, Callback callback) {
    boolean hasOldClient = mediaType.equals(JSON);
    int status = refusal.isAboutDocument() && hasOldClient ? 200 : refusal.status();
    refusal.headers().forEach((name, value) -> response.getHeaders().put(name, value));
    String body = Json.write(Map.of("errors", List.of(refusal.toGraphqlError())));
    send(status, mediaType, body, response, callback);
  }

  /** Sends one whole body. */
  static void send(
      int status, String mediaType, String body, Response response, Callback callback) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType + "; charset=utf-8");
    // Answers belong to one caller.
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, ByteBuffer.wrap(bytes), callback);
  }
}
