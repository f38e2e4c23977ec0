// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

/**
 * Turns values into bodies and back. Thread-safe.
 *
 * @param <T> the values
 */
public interface Codec<T> {
  /**
   * The content type of its bodies.
   *
   * @return such as {@code application/json}
   */
  String contentType();

  /**
   * Writes a value.
   *
   * @param value what to write
   * @return the body
   * @throws IllegalArgumentException if the value cannot be written
   */
  byte[] encode(T value);

  /**
   * Reads a value.
   *
   * @param body from outside; anything may be in it
   * @return the value
   * @throws UnreadableBodyException if the body is no such value
   */
  T decode(byte[] body);
}
