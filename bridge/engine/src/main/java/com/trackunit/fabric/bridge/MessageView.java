// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way through a route, for filters and key functions. They run on the route's
 * thread, for each message and in order: they must be quick and must not block. One that throws
 * makes its message a matter of the {@link ErrorPolicy}.
 */
public sealed interface MessageView permits RecordView, DeliveryView {
  /**
   * The Kafka key of a record, or the routing key of a RabbitMQ message.
   *
   * @return empty if there is none, or if it is not text
   */
  Optional<String> key();

  /**
   * A header's value, the last one if there are several.
   *
   * @param name its name
   * @return empty if there is none, or if it is not text
   */
  Optional<String> header(String name);

  /**
   * The body, which must not be changed.
   *
   * @return null for a tombstone
   */
  byte @Nullable [] body();
}
