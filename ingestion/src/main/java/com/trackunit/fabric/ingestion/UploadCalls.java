// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.TraceParent;
import java.util.Objects;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/** The calls of the service's REST contract, v1. */
final class UploadCalls {
  private static final MediaType JSON = MediaType.get("application/json");

  private final HttpUrl start;
  private final HttpUrl confirm;
  private final HttpUrl health;
  private final @Nullable Secret internalAccessKey;

  UploadCalls(HttpUrl base, @Nullable Secret internalAccessKey) {
    this.start = base.newBuilder().addPathSegments("v1/uploads/start").build();
    this.confirm = base.newBuilder().addPathSegments("v1/uploads/confirm").build();
    this.health = base.newBuilder().addPathSegments("health").build();
    this.internalAccessKey = internalAccessKey;
  }

  ServiceCall<Upload> start(String filename, String contentType, CallOptions options) {
    ObjectNode body =
        JsonAnswers.newObject()
            .put("filename", Objects.requireNonNull(filename, "filename"))
            .put("contentType", Objects.requireNonNull(contentType, "contentType"));
    CallSite site = new CallSite("start", start, options.correlationId());
    return new ServiceCall<>(site, post(site, body, options), 200, JsonAnswers::upload);
  }

  ServiceCall<String> confirm(String uploadId, long bytes, String checksum, CallOptions options) {
    ObjectNode body =
        JsonAnswers.newObject()
            .put("uploadId", Objects.requireNonNull(uploadId, "uploadId"))
            .put("bytes", bytes)
            .put("checksum", Objects.requireNonNull(checksum, "checksum"));
    CallSite site = new CallSite("confirm", confirm, options.correlationId());
    return new ServiceCall<>(site, post(site, body, options), 202, JsonAnswers::status)
        .about(uploadId);
  }

  /** Needs no key, so it sends none. */
  ServiceCall<Boolean> health(CorrelationId id) {
    CallSite site = new CallSite("health", health, id);
    return new ServiceCall<>(site, to(site).get(), 200, body -> true);
  }

  private Request.Builder post(CallSite site, ObjectNode body, CallOptions options) {
    Request.Builder request = to(site).post(RequestBody.create(JsonAnswers.bytes(body), JSON));
    if (internalAccessKey != null) {
      request.header("X-Internal-Access", internalAccessKey.reveal());
    }
    TraceParent trace = options.trace();
    if (trace != null) {
      request.header(TraceParent.HEADER, trace.value());
    }
    return request;
  }

  private static Request.Builder to(CallSite site) {
    return new Request.Builder()
        .url(site.url())
        .header("Accept", "application/json, application/problem+json")
        .header("User-Agent", "fabric-ingestion")
        .header(CorrelationId.HEADER, site.id().value());
  }
}
