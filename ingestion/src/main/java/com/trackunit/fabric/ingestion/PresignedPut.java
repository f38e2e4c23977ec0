// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import okhttp3.HttpUrl;
import okhttp3.Response;

/**
 * A presigned URL (AWS Signature Version 4 in the query), judged before it is used, and what the
 * object store's answers to it mean.
 */
final class PresignedPut {
  private static final List<String> SENT = List.of("host", "content-type", "content-length");
  private static final DateTimeFormatter AMZ_DATE =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final HttpUrl url;
  private final CallSite site;

  private PresignedPut(HttpUrl url, CallSite site) {
    this.url = url;
    this.site = site;
  }

  /** Checks what can be checked without asking anybody. */
  static PresignedPut trusted(URI putUrl, UploadHosts hosts, CorrelationId id) {
    HttpUrl url = HttpUrl.get(putUrl);
    if (url == null) {
      throw new IngestionProtocolException(
          "ingestion upload (correlation id "
              + id
              + "): the presigned URL is refused: it is not https; nothing was sent",
          null);
    }
    CallSite site = new CallSite("upload", url, id);
    String objection = hosts.objectionTo(url);
    if (objection.isEmpty()) {
      objection = unsentHeader(url);
    }
    if (!objection.isEmpty()) {
      throw new IngestionProtocolException(
          site.describe("the presigned URL is refused: " + objection + "; nothing was sent"), null);
    }
    return new PresignedPut(url, site);
  }

  HttpUrl url() {
    return url;
  }

  CallSite site() {
    return site;
  }

  /** Throws unless the object store has taken the photo. */
  void require(Response response, BoundedBody body, Clock clock) {
    int status = response.code();
    if (response.isSuccessful()) {
      return;
    }
    if (status == 429 || status >= 500 || body.text().contains("<Code>RequestTimeout</Code>")) {
      throw new IngestionUnavailableException(
          site.describe("the object store answered " + status + "; try again later"),
          Reason.STATUS,
          RetryAfter.of(response),
          null);
    }
    if ((status == 400 || status == 403) && saysExpired(body, clock.instant())) {
      throw new UploadExpiredException(
          site.describe("the presigned URL has expired; start a new upload"));
    }
    if (status >= 300 && status < 400) {
      throw new IngestionProtocolException(
          site.describe("redirect " + status + ", which is not followed"), null);
    }
    throw new IngestionProtocolException(
        site.describe(
            "the object store answered "
                + status
                + ", expected 200; the URL was not made for this photo and content type"),
        null);
  }

  /** A store refuses an expired URL as it refuses a forged one: by its words, or by its age. */
  private boolean saysExpired(BoundedBody body, Instant now) {
    return body.text().toLowerCase(Locale.ROOT).contains("expired") || isPastItsLifetime(now);
  }

  private boolean isPastItsLifetime(Instant now) {
    String signed = url.queryParameter("X-Amz-Date");
    String seconds = url.queryParameter("X-Amz-Expires");
    if (signed == null || seconds == null) {
      return false;
    }
    try {
      Duration lifetime = Duration.ofSeconds(Long.parseLong(seconds));
      return !now.isBefore(AMZ_DATE.parse(signed, Instant::from).plus(lifetime));
    } catch (DateTimeException | NumberFormatException | ArithmeticException e) {
      // Not a date of the form that the signature asks for, so it tells nothing.
      return false;
    }
  }

  private static String unsentHeader(HttpUrl url) {
    String names = url.queryParameter("X-Amz-SignedHeaders");
    boolean isMore =
        names != null
            && Arrays.stream(names.toLowerCase(Locale.ROOT).split(";", -1))
                .anyMatch(name -> !SENT.contains(name));
    return isMore
        ? "it signs other headers than host, content-type and content-length, which is all that is"
            + " sent"
        : "";
  }
}
