// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.ingestion.StoredPhoto;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.IOException;
import java.util.Map;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's two mutations over GraphQL HTTP.
 *
 * <p>A mutation is sent again only where it was refused before it ran: 401, or a 403 that is not
 * GraphQL (an oauth2-proxy in front answers so to an expired token). That is done once, with a new
 * token.
 */
final class Gateway {
  private static final MediaType JSON = MediaType.get("application/json; charset=utf-8");
  private static final String ACCEPTED =
      "application/graphql-response+json, application/json;q=0.9";
  private static final long LONGEST_ANSWER = 1024 * 1024;

  private static final String START_UPLOAD =
      """
      mutation startUpload($filename: String!, $contentType: String!) {
        startUpload(filename: $filename, contentType: $contentType) {
          correlationId
          imageUploadPayload { uploadId key putUrl expiresAt }
        }
      }""";
  private static final String CONFIRM_UPLOAD =
      """
      mutation confirmUpload($uploadId: String!, $bytes: Int!, $checksum: String!) {
        confirmUpload(uploadId: $uploadId, bytes: $bytes, checksum: $checksum) { status }
      }""";

  private final OkHttpClient http;
  private final HttpUrl url;
  private final TokenSource tokens;
  private final TraceParent trace = TraceParent.random();

  Gateway(OkHttpClient http, HttpUrl url, TokenSource tokens) {
    this.http = http;
    this.url = url;
    this.tokens = tokens;
  }

  /** An upload that has begun. The URL is a secret: whoever has it may write the object. */
  record StartedUpload(String correlationId, String uploadId, String objectKey, String putUrl) {
    @Override
    public String toString() {
      return "StartedUpload[" + objectKey + "]";
    }
  }

  StartedUpload startUpload(Photo photo, Deadline deadline) {
    Map<String, ?> variables =
        Map.of("filename", photo.filename(), "contentType", photo.format().contentType());
    JsonNode data = mutate("startUpload", START_UPLOAD, variables, null, deadline);
    String where = "startUpload";
    String correlationId = Json.requiredText(data, "/startUpload/correlationId", where);
    if (!CorrelationId.isValid(correlationId)) {
      throw new TrackunitClientException(
          Reason.PROTOCOL, "startUpload: the answer's correlationId is not fit for a header");
    }
    String upload = "/startUpload/imageUploadPayload";
    return new StartedUpload(
        correlationId,
        Json.requiredText(data, upload + "/uploadId", where),
        Json.requiredText(data, upload + "/key", where),
        Json.requiredText(data, upload + "/putUrl", where));
  }

  String confirmUpload(StartedUpload upload, StoredPhoto stored, Deadline deadline) {
    Map<String, ?> variables =
        Map.of(
            "uploadId", upload.uploadId(), "bytes", stored.bytes(), "checksum", stored.checksum());
    JsonNode data =
        mutate("confirmUpload", CONFIRM_UPLOAD, variables, upload.correlationId(), deadline);
    return Json.requiredText(data, "/confirmUpload/status", "confirmUpload");
  }

  private JsonNode mutate(
      String operation,
      String query,
      Map<String, ?> variables,
      @Nullable String correlationId,
      Deadline deadline) {
    String body =
        Json.write(Map.of("query", query, "operationName", operation, "variables", variables));
    Answer answer = post(operation, body, correlationId, false, deadline);
    if (answer.isTokenRefused()) {
      answer = post(operation, body, correlationId, true, deadline);
    }
    return answer.data(operation);
  }

  private Answer post(
      String operation,
      String body,
      @Nullable String correlationId,
      boolean renewToken,
      Deadline deadline) {
    Request.Builder request =
        new Request.Builder()
            .url(url)
            .header("Authorization", "Bearer " + tokens.token(renewToken).reveal())
            .header("Accept", ACCEPTED)
            .header(TraceParent.HEADER, trace.value())
            .post(RequestBody.create(body, JSON));
    if (correlationId != null) {
      request.header(CorrelationId.HEADER, correlationId);
    }
    Call call = http.newCall(request.build());
    Deadlines.limit(call, operation, deadline);
    try (Response response = call.execute()) {
      return new Answer(response.code(), response.peekBody(LONGEST_ANSWER).string());
    } catch (IOException e) {
      throw Deadlines.failed(operation + ": " + url.host() + " did not answer", e, deadline);
    }
  }

  /** One HTTP answer of the gateway, or of a proxy in front of it. */
  private record Answer(int status, String body) {
    private @Nullable JsonNode graphql() {
      JsonNode answer = Json.object(body);
      return answer != null && (answer.has("data") || answer.path("errors").isArray())
          ? answer
          : null;
    }

    boolean isTokenRefused() {
      return status == 401 || (status == 403 && graphql() == null);
    }

    JsonNode data(String operation) {
      if (isTokenRefused()) {
        throw new TrackunitClientException(
            Reason.SIGN_IN,
            operation + ": HTTP " + status + ", a new token was refused too; sign in again");
      }
      JsonNode answer = graphql();
      if (status == 403) {
        throw new TrackunitClientException(
            Reason.FORBIDDEN,
            operation + ": HTTP 403, the token lacks the scope; ask for access to the API");
      }
      if (status >= 500) {
        throw new TrackunitClientException(
            Reason.UNREACHABLE, operation + ": HTTP " + status + "; try again later");
      }
      if (answer == null) {
        throw new TrackunitClientException(
            Reason.PROTOCOL, operation + ": HTTP " + status + " without GraphQL; check the URL");
      }
      if (!answer.path("errors").isMissingNode() && !answer.path("errors").isEmpty()) {
        throw Json.graphqlError(operation, answer.path("errors"));
      }
      return answer.path("data");
    }
  }
}
