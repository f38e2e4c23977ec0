// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import org.jspecify.annotations.Nullable;

/**
 * A delivery as the core needs to know it.
 *
 * @param messageId the producer's own, or null if it gave none
 * @param fingerprint of message id and body, or null where no ledger is kept or no id given
 * @param size what it counts for in the window, in bytes
 * @param unwanted the filter or the hop limit lets it go: acknowledged, not sent
 * @param refusedBecause it cannot be sent as it is, for the error policy; null if it can
 * @param message the message itself, which the core never looks into
 */
record Inbound<M>(
    @Nullable String messageId,
    @Nullable Fingerprint fingerprint,
    long size,
    boolean unwanted,
    @Nullable String refusedBecause,
    M message) {}
