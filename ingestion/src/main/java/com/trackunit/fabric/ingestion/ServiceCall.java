// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
    T read(byte[] body) throws MalformedAnswerException;
  }

  /** What we send. Any other name in an answer is somebody else's text, and stays out of ours. */
  private static final List<String> FIELDS =
      List.of("filename", "contentType", "uploadId", "bytes", "checksum");

  private final CallSite site;
  private final Request.Builder request;
  private final int expectedStatus;
  private final Reader<T> reader;
  private @Nullable String uploadId;

  ServiceCall(CallSite site, Request.Builder request, int expectedStatus, Reader<T> reader) {
    this.site = site;
    this.request = request;
    this.expectedStatus = expectedStatus;
    this.reader = reader;
  }

  /** Says that this call asks for an upload, which the service may not know. */
  ServiceCall<T> about(String upload) {
    this.uploadId = upload;
    return this;
  }

  /** A request for one attempt; the attempts of a call come one after the other. */
  Request request(Watch watch) {
    return request.tag(Watch.class, watch).build();
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
      throw malformed("an answer of more than " + BoundedBody.LIMIT + " bytes");
    }
    try {
      if (status == expectedStatus) {
        return reader.read(body.bytes());
      }
      if (status == 422) {
        throw rejected(JsonAnswers.fieldErrors(body.bytes()));
      }
      String upload = uploadId;
      if (status == 404 && problem && upload != null) {
        JsonAnswers.requireObject(body.bytes());
        throw new UnknownUploadException(
            site.describe("the service knows no upload " + upload + "; start a new one"), upload);
      }
    } catch (MalformedAnswerException e) {
      throw malformed("status " + status + " with " + e.getMessage());
    }
    throw unexpected(status, problem);
  }

  private IngestionException unexpected(int status, boolean problem) {
    if (status == 404 && !problem) {
      return malformed("status 404 that is not the service's: nothing is mounted there");
    }
    if (status >= 300 && status < 400) {
      return malformed("redirect " + status + ", which is not followed");
    }
    return malformed("status " + status);
  }

  private UploadRejectedException rejected(Map<String, List<String>> errors) {
    Set<String> refused = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    refused.addAll(errors.keySet());
    List<String> ours = FIELDS.stream().filter(refused::contains).toList();
    return new UploadRejectedException(
        site.describe("refused, see errors() for " + errors.size() + " fields, of ours " + ours),
        errors);
  }

  private IngestionProtocolException malformed(String seen) {
    return new IngestionProtocolException(
        site.describe(seen)
            + "; expected status "
            + expectedStatus
            + " as the contract has it: check the address and the service's version",
        null);
  }

  private static boolean isProblemJson(Response response) {
    String type = response.header("Content-Type", "");
    return type != null
        && type.strip().toLowerCase(Locale.ROOT).startsWith("application/problem+json");
  }
}
