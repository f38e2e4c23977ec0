// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/**
 * What has passed through a {@link RouteCore} so far, and what it holds now.
 *
 * @param polled records taken from the source
 * @param confirmed messages the sink has taken responsibility for
 * @param returned messages that came back unroutable, each time counted
 * @param rejected messages the sink refused, each time counted
 * @param unknown messages in flight when a channel died, each time counted
 * @param overtaken messages that a later one of their lane was confirmed before
 * @param inFlight published and not settled
 * @param waiting polled and not published
 */
record RouteCounts(
    long polled,
    long confirmed,
    long returned,
    long rejected,
    long unknown,
    long overtaken,
    int inFlight,
    int waiting) {
  static final RouteCounts NONE = new RouteCounts(0, 0, 0, 0, 0, 0, 0, 0);
}
