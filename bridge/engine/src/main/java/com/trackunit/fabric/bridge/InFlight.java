// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import org.jspecify.annotations.Nullable;

/**
 * One record on its way: from the poll that brought it until the sink has confirmed it. Belongs to
 * its lane; not thread-safe.
 *
 * @param <L> what identifies a lane
 * @param <M> what is published
 */
final class InFlight<L, M> {
  final Lane<L, M> lane;
  final long offset;
  final Outbound<M> outbound;

  /** When it was taken. */
  final long since;

  /** Why the broker returned it; its confirm, which still follows, then counts for nothing. */
  @Nullable String returnedBecause;

  /** Others in flight have its id: the return may be one of theirs, so nobody is blamed. */
  boolean isOneOfSeveral;

  /** Why it goes to the dead letters instead. */
  @Nullable RouteException deadBecause;

  /** How often it has failed by what may be its own fault. */
  int failures;

  boolean overtaken;

  InFlight(Lane<L, M> lane, long offset, Outbound<M> outbound, long since) {
    this.since = since;
    this.lane = lane;
    this.offset = offset;
    this.outbound = outbound;
  }

  @Override
  public String toString() {
    return "message " + outbound.messageId() + " (" + lane + ", offset " + offset + ")";
  }
}
