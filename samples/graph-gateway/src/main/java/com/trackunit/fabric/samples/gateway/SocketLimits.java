// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.time.Duration;

/**
 * What one WebSocket may do.
 *
 * @param initTimeout how long a client may wait with {@code connection_init}
 * @param pingEvery how often the server pings; a client that answers none until the next is gone
 * @param unsentCharacters how much may wait to be sent before the client counts as too slow
 * @param operations how many subscriptions and calls may run at once
 */
record SocketLimits(
    Duration initTimeout, Duration pingEvery, long unsentCharacters, int operations) {
  /** Pings inside Kong's 60 s read timeout, twice. */
  static final SocketLimits DEFAULT =
      new SocketLimits(Duration.ofSeconds(10), Duration.ofSeconds(25), 1024 * 1024, 100);
}
