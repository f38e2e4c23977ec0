// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

/**
 * What events and commands have in common: where they are published, under which schema id, and how
 * they are written.
 *
 * @param <T> the values
 */
public sealed interface MessageType<T> permits EventType, CommandType {
  /** The header that carries the schema id. */
  String SCHEMA_HEADER = "x-schema";

  /**
   * The exchange it is published to.
   *
   * @return may be empty for the default exchange
   */
  String exchange();

  /**
   * The routing key it is published with.
   *
   * @return empty where the exchange does not look at it
   */
  String routingKey();

  /**
   * The schema id, version included, such as {@code analysis.started.v1}. Two versions are two
   * types that live side by side.
   *
   * @return the value of {@value #SCHEMA_HEADER}
   */
  String schema();

  /**
   * How it is written and read.
   *
   * @return the codec
   */
  Codec<T> codec();
}
