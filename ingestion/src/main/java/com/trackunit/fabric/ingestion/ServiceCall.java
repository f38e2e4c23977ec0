// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One call to the service: its request, and what its answers mean.
 *
 * @param <T> what a good answer becomes
 */
final class ServiceCall<T> {
  /** Reads a good answer. */
  @FunctionalInterface
  interface Reader<T> {
    T read(String body) throws MalformedAnswerException;
  }

  private final CallSite site;
  private final Request request;
  private final int expectedStatus;
  private final Reader<T> reader;
  private @Nullable String uploadId;

  ServiceCall(
      String name, Request request, CorrelationId id, int expectedStatus, Reader<T> reader) {
    this.site = new CallSite(name, request.url(), id);
    this.request = request;
    this.expectedStatus = expectedStatus;
    this.reader = reader;
  }

  /** Says that this call asks for an upload, which the service may not know. */
  ServiceCall<T> about(String upload) {
    this.uploadId = upload;
    return this;
  }

  Request request() {
    return request;
  }

  CallSite site() {
    return site;
  }

  /** Turns a status and a bounded body into the answer or the failure they stand for. */
  T read(Response response, BoundedBody body) {
    int status = response.code();
    boolean problem = isProblemJson(response);
    if (status == 429 || status >= 500) {
      throw new IngestionUnavailableException(
          site.describe(
                  "status " + status + (problem ? " from the service" : " from the way there"))
              + "; try again later",
          Reason.STATUS,
          RetryAfter.of(response),
          null);
    }
    if (status == 401 || status == 403) {
      throw new IngestionUnauthorizedException(
          site.describe(
              "status " + status + "; give the internal access key that the service expects"));
    }
    if (body.isCut()) {
      throw malformed("an answer of more than " + BoundedBody.LIMIT + " bytes", null);
    }
    try {
      if (status == expectedStatus) {
        return reader.read(body.text());
      }
      if (status == 422) {
        throw rejected(JsonAnswers.fieldErrors(body.text()));
      }
      String upload = uploadId;
      if (status == 404 && problem && upload != null) {
        JsonAnswers.requireObject(body.text());
        throw new UnknownUploadException(
            site.describe("the service knows no upload " + upload + "; start a new one"), upload);
      }
    } catch (MalformedAnswerException e) {
      throw malformed("status " + status + " with " + e.getMessage(), e.getCause());
    }
    throw unexpected(status, problem);
  }

  private IngestionException unexpected(int status, boolean problem) {
    if (status == 404 && !problem) {
      return malformed("status 404 that is not the service's: nothing is mounted there", null);
    }
    if (status >= 300 && status < 400) {
      return malformed("redirect " + status + ", which is not followed", null);
    }
    return malformed("status " + status, null);
  }

  private UploadRejectedException rejected(Map<String, List<String>> errors) {
    return new UploadRejectedException(
        site.describe("refused, see errors() for fields " + errors.keySet()), errors);
  }

  private IngestionProtocolException malformed(String seen, @Nullable Throwable cause) {
    return new IngestionProtocolException(
        site.describe(seen)
            + "; expected status "
            + expectedStatus
            + " as the contract has it: check the address and the service's version",
        cause);
  }

  private static boolean isProblemJson(Response response) {
    String type = response.header("Content-Type", "");
    return type != null
        && type.strip().toLowerCase(Locale.ROOT).startsWith("application/problem+json");
  }
}
