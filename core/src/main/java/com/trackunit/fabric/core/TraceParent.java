// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The {@code traceparent} header of W3C Trace Context (Level 1, section 3.2), version 00.
 * Immutable.
 *
 * @param value {@code 00-<32 hex trace id>-<16 hex parent id>-<2 hex flags>}, lower case, neither
 *     id all zeros
 */
public record TraceParent(String value) {
  /** The header that carries it: HTTP, Kafka and AMQP alike. */
  public static final String HEADER = "traceparent";

  private static final Pattern FORM =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if the value is not a version 00 traceparent
   */
  public TraceParent {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "traceparent: expected the form 00-<trace id>-<parent id>-<flags> of W3C Trace Context,"
              + " section 3.2");
    }
  }

  /**
   * Reads a header from outside. As the standard asks, one that does not fit is ignored.
   *
   * @param header the header's value
   * @return the value, or empty where it is malformed or of a version we do not know
   */
  public static Optional<TraceParent> parse(String header) {
    return FORM.matcher(header).matches() ? Optional.of(new TraceParent(header)) : Optional.empty();
  }

  /**
   * A new trace, not sampled.
   *
   * @return a traceparent with random ids
   */
  public static TraceParent random() {
    return new TraceParent("00-" + hex16() + hex16() + "-" + hex16() + "-00");
  }

  private static String hex16() {
    long bits;
    do {
      bits = ThreadLocalRandom.current().nextLong();
    } while (bits == 0);
    return String.format("%016x", bits);
  }

  @Override
  public String toString() {
    return value;
  }
}
