// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

/**
 * Who an upload belongs to: the only two claims of an Entra ID token that name a person for good.
 *
 * @param tenantId the claim {@code tid}
 * @param objectId the claim {@code oid}
 */
record Owner(String tenantId, String objectId) {}
