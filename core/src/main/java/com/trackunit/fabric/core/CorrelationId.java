// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.util.Objects;
import java.util.UUID;

/**
 * The id that one piece of work carries through every hop, in HTTP, Kafka, RabbitMQ and GraphQL.
 * Immutable.
 *
 * @param value 1 to {@value #MAX_LENGTH} visible ASCII characters (0x21 to 0x7E), which every one
 *     of those protocols carries unchanged
 */
public record CorrelationId(String value) {
  /** The header that carries it: HTTP, Kafka and AMQP alike. */
  public static final String HEADER = "x-correlation-id";

  /** The longest id accepted, in characters. */
  public static final int MAX_LENGTH = 128;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if the value is empty, too long or holds another character
   */
  public CorrelationId {
    Objects.requireNonNull(value, "value");
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "correlation id of "
              + value.length()
              + " characters: expected 1 to "
              + MAX_LENGTH
              + " visible ASCII characters without spaces; send a UUID");
    }
  }

  /**
   * Whether a text from outside may be used as a correlation id.
   *
   * @param value any text
   * @return true if the constructor accepts it
   */
  public static boolean isValid(String value) {
    return !value.isEmpty()
        && value.length() <= MAX_LENGTH
        && value.chars().allMatch(c -> c > 0x20 && c < 0x7F);
  }

  /**
   * A new id, unlike any other: a random UUID.
   *
   * @return 36 characters
   */
  public static CorrelationId random() {
    return new CorrelationId(UUID.randomUUID().toString());
  }

  @Override
  public String toString() {
    return value;
  }
}
