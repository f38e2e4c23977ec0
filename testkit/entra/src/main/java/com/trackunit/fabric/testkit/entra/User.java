// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.UUID;

/**
 * A user of a tenant.
 *
 * @param tenant the tenant's id, {@code tid} in the user's tokens
 * @param objectId {@code oid} in the user's tokens
 * @param name the display name
 * @param username what the user signs in with, such as {@code ada@fabric.example}
 */
public record User(UUID tenant, UUID objectId, String name, String username) {}
