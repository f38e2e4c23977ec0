// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import java.util.Objects;

/**
 * Something that somebody is asked to do: one queue is bound for it.
 *
 * @param <T> the values
 * @param exchange where it is published; empty for the default exchange
 * @param routingKey names who is asked; with the default exchange the queue
 * @param schema the schema id, version included
 * @param codec how it is written
 */
public record CommandType<T>(String exchange, String routingKey, String schema, Codec<T> codec)
    implements MessageType<T> {
  /** Checks that every part is there; a command without a key would reach nobody. */
  public CommandType {
    Objects.requireNonNull(exchange, "exchange");
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(codec, "codec");
    if (routingKey.isEmpty()) {
      throw new IllegalArgumentException(
          "command "
              + schema
              + ": its routing key is empty, expected the one its queue is bound by");
    }
  }

  /**
   * A command in JSON.
   *
   * @param <T> the values
   * @param exchange where it is published
   * @param routingKey names who is asked
   * @param schema the schema id, version included
   * @param type a record
   * @return the type
   */
  public static <T> CommandType<T> json(
      String exchange, String routingKey, String schema, Class<T> type) {
    return new CommandType<>(exchange, routingKey, schema, JsonCodec.of(type));
  }
}
