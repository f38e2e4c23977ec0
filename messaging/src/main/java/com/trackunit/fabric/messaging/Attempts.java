// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The headers in which a message carries its history, and how they are read. What cannot be read is
 * ignored: anybody may have written it.
 */
final class Attempts {
  /** Which attempt the next one is, from 1; our own, as RabbitMQ ignores x-death from 4.0. */
  static final String ATTEMPT = "x-fabric-attempt";

  static final String REASON = "x-fabric-dead-reason";
  static final String CAUSE = "x-fabric-dead-cause";
  static final String FIRST_FAILED_AT = "x-fabric-first-failed-at";
  static final String LAST_FAILED_AT = "x-fabric-last-failed-at";
  static final String ORIGINAL_EXCHANGE = "x-fabric-original-exchange";
  static final String ORIGINAL_ROUTING_KEY = "x-fabric-original-routing-key";
  static final String ORIGINAL_QUEUE = "x-fabric-original-queue";

  /** How often a quorum queue has taken it back; absent on the first delivery. */
  private static final String DELIVERY_COUNT = "x-delivery-count";

  private Attempts() {}

  /** Which attempt the next one at this message is, as far as anybody knows; at least 1. */
  static int of(Held held) {
    long before =
        Math.max(1, number(held.header(ATTEMPT)))
            + Math.max(0, number(held.header(DELIVERY_COUNT)))
            + held.failures;
    return (int) Math.min(Integer.MAX_VALUE, before);
  }

  private static long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : 0;
  }

  /** When the first attempt failed, from the header or from memory; else the moment given. */
  static Instant firstFailedAt(Held held, Instant now) {
    Object said = held.header(FIRST_FAILED_AT);
    if (said != null) {
      try {
        return Instant.parse(said.toString());
      } catch (DateTimeException e) {
        // Not ours; memory knows better.
      }
    }
    return held.firstFailedAt != null ? held.firstFailedAt : now;
  }

  /** Where it was published first: what a detour through a delay queue would hide. */
  static String originalExchange(Held held) {
    Object said = held.header(ORIGINAL_EXCHANGE);
    return said != null ? said.toString() : held.envelope().getExchange();
  }

  /** With which key it was published first. */
  static String originalRoutingKey(Held held) {
    Object said = held.header(ORIGINAL_ROUTING_KEY);
    return said != null ? said.toString() : held.envelope().getRoutingKey();
  }
}
