// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import java.util.Objects;

/**
 * Something that has happened: any number of queues may be bound for it.
 *
 * @param <T> the values
 * @param exchange where it is published
 * @param routingKey with which key; empty for fanout exchanges
 * @param schema the schema id, version included
 * @param codec how it is written
 */
public record EventType<T>(String exchange, String routingKey, String schema, Codec<T> codec)
    implements MessageType<T> {
  /** Checks that every part is there. */
  public EventType {
    Objects.requireNonNull(exchange, "exchange");
    Objects.requireNonNull(routingKey, "routingKey");
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(codec, "codec");
  }

  /**
   * An event of a fanout exchange, in JSON.
   *
   * @param <T> the values
   * @param exchange where it is published
   * @param schema the schema id, version included
   * @param type a record
   * @return the type
   */
  public static <T> EventType<T> json(String exchange, String schema, Class<T> type) {
    return new EventType<>(exchange, "", schema, JsonCodec.of(type));
  }
}
