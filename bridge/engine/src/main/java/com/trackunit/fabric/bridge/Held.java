// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import org.jspecify.annotations.Nullable;

/**
 * One message that RabbitMQ has delivered and not seen acknowledged. Belongs to its core; not
 * thread-safe.
 *
 * @param <M> what is sent
 */
final class Held<M> {
  final long epoch;
  final long tag;
  final Inbound<M> inbound;

  /** When it was delivered. */
  final long since;

  /** Not yet looked up in the ledger, though it has been delivered before. */
  boolean toLookUp;

  /** Its place in the ledger, from its first send on; -1 before. */
  long number = -1;

  /** It was in a transaction whose commit got no answer. */
  boolean suspect;

  /** Why it goes to the dead letters instead, or, skipped, to the ledger alone. */
  @Nullable RouteException deadBecause;

  /** Kafka would not take it; others may pass it until it does. */
  boolean wasRefused;

  boolean isSettled;

  Held(long epoch, long tag, boolean redelivered, Inbound<M> inbound, long since) {
    this.since = since;
    this.epoch = epoch;
    this.tag = tag;
    this.inbound = inbound;
    this.toLookUp = redelivered;
  }

  @Override
  public String toString() {
    return "message " + (inbound.messageId() == null ? "without id" : inbound.messageId());
  }
}
