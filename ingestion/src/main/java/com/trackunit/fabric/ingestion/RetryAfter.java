// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The header of RFC 9110, section 10.2.3: seconds, or a date. */
final class RetryAfter {
  private static final Duration LONGEST = Duration.ofDays(1);

  private RetryAfter() {}

  /** How long to wait; null if the answer does not say, or not so that it can be understood. */
  static @Nullable Duration of(Response response) {
    String value = response.header("Retry-After");
    if (value == null || value.isBlank()) {
      return null;
    }
    String text = value.strip();
    Duration wait =
        text.chars().allMatch(c -> c >= '0' && c <= '9')
            ? Duration.ofSeconds(text.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(text))
            : untilDate(text, response);
    // An absurd value must not overflow anybody's arithmetic; a day is as good as never.
    return wait != null && wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }

  /**
   * Against the answer's own Date where it has one, so that clocks that differ do no harm; else
   * against the moment it came.
   */
  private static @Nullable Duration untilDate(String text, Response response) {
    Instant at = date(text);
    if (at == null) {
      return null;
    }
    Instant sent = date(response.header("Date"));
    Instant from = sent != null ? sent : Instant.ofEpochMilli(response.receivedResponseAtMillis());
    Duration wait = Duration.between(from, at);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static @Nullable Instant date(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      // A recipient ignores a field that it cannot read.
      return null;
    }
  }
}
