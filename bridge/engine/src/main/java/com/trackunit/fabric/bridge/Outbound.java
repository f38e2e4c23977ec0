// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/**
 * A record as it will be published.
 *
 * @param messageId what a return is matched by
 * @param size what it counts for in the window, in bytes
 * @param message the message itself, which the core never looks into
 */
record Outbound<M>(String messageId, long size, M message) {}
