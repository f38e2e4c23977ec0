// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The header of RFC 9110, section 10.2.3: seconds, or a date. */
final class RetryAfter {
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final String NAME = "Retry-After";
  private static final String SET_ASIDE = "x-fabric-retry-after";

  private RetryAfter() {}

  /**
   * Hides the header from OkHttp, which would act on it before we see it: 0 has it send the request
   * again at once, and more seconds than an int holds throw a NumberFormatException.
   */
  static Response setAside(Response response) {
    String value = response.header(NAME);
    return value == null
        ? response
        : response.newBuilder().removeHeader(NAME).header(SET_ASIDE, value).build();
  }

  /**
   * How long to wait; null if an answer with its header set aside does not say, or not so that it
   * can be understood.
   */
  static @Nullable Duration of(Response response) {
    String value = response.header(SET_ASIDE);
    if (value == null || value.isBlank()) {
      return null;
    }
    String text = value.strip();
    Duration wait =
        text.chars().allMatch(c -> c >= '0' && c <= '9')
            ? Duration.ofSeconds(text.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(text))
            : untilDate(response);
    // An absurd value must not overflow anybody's arithmetic; a day is as good as never.
    return wait != null && wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }

  /**
   * Against the answer's own Date where it has one, so that clocks that differ do no harm; else
   * against the moment it came.
   */
  private static @Nullable Duration untilDate(Response response) {
    Date at = response.headers().getDate(SET_ASIDE);
    if (at == null) {
      return null;
    }
    Date sent = response.headers().getDate("Date");
    Instant from =
        sent != null ? sent.toInstant() : Instant.ofEpochMilli(response.receivedResponseAtMillis());
    Duration wait = Duration.between(from, at.toInstant());
    return wait.isNegative() ? Duration.ZERO : wait;
  }
}
