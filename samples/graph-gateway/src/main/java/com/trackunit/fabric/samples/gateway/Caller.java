// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a valid bearer token says about its sender.
 *
 * @param owner whose uploads these are
 * @param expiresAt from when on the token is worth nothing
 * @param denial why the sender may not use the API (the scope is missing), or null where it may
 */
record Caller(Owner owner, Instant expiresAt, @Nullable Refusal denial) {}
