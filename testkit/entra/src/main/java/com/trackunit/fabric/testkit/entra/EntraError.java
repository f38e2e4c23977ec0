// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.FabricException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A refusal in Entra's words: an OAuth error and an AADSTS code. */
final class EntraError extends FabricException {
  private static final long serialVersionUID = 1L;

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

  private final int status;
  private final String error;
  private final int code;

  EntraError(int status, String error, int code, String text) {
    super("AADSTS" + code + ": " + text, null);
    this.status = status;
    this.error = error;
    this.code = code;
  }

  static EntraError badRequest(String error, int code, String text) {
    return new EntraError(400, error, code, text);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }

  Answer answer(Clock clock, @Nullable String correlationId) {
    String trace = UUID.randomUUID().toString();
    String correlation = correlationId == null ? UUID.randomUUID().toString() : correlationId;
    String timestamp = TIMESTAMP.format(clock.instant().truncatedTo(ChronoUnit.SECONDS));
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("error", error);
    body.put(
        "error_description",
        getMessage()
            + " Trace ID: "
            + trace
            + " Correlation ID: "
            + correlation
            + " Timestamp: "
            + timestamp);
    body.put("error_codes", List.of(code));
    body.put("timestamp", timestamp);
    body.put("trace_id", trace);
    body.put("correlation_id", correlation);
    body.put("error_uri", "https://login.microsoftonline.com/error?code=" + code);
    return Answer.json(status, body);
  }
}
