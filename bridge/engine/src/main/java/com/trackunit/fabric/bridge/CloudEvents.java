// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of CloudEvents 1.0 in binary mode, by the names of the two bindings: {@code ce_id}
 * among Kafka's headers (Kafka protocol binding 1.0.2, binary content mode), {@code cloudEvents_id}
 * or {@code cloudEvents:id} among AMQP's (AMQP protocol binding 1.0.2, binary content mode; the
 * first is preferred). {@code datacontenttype} is the content type on both sides anyway.
 */
final class CloudEvents {
  private static final String KAFKA = "ce_";
  private static final String AMQP = "cloudEvents_";
  private static final String AMQP_WITH_COLON = "cloudEvents:";

  private CloudEvents() {}

  /** The AMQP name of a Kafka header; its own name if it is no attribute. */
  static String toAmqp(String header) {
    return header.startsWith(KAFKA) ? AMQP + header.substring(KAFKA.length()) : header;
  }

  /** The Kafka name of an AMQP header; its own name if it is no attribute. */
  static String toKafka(String header) {
    if (header.startsWith(AMQP)) {
      return KAFKA + header.substring(AMQP.length());
    }
    return header.startsWith(AMQP_WITH_COLON)
        ? KAFKA + header.substring(AMQP_WITH_COLON.length())
        : header;
  }

  /** An attribute's value as Kafka's binding wants it: text, a time by RFC 3339. */
  static @Nullable Object toKafkaValue(@Nullable Object value) {
    if (value instanceof Date time) {
      return time.toInstant().toString();
    }
    return value instanceof Number || value instanceof Boolean ? value.toString() : value;
  }
}
