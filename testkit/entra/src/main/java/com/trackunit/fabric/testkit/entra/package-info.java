// SPDX-License-Identifier: Apache-2.0
/**
 * A stand-in for Microsoft Entra ID: an OIDC provider on loopback, as strict and as odd as the real
 * one, that also mints every kind of bad token. Start at {@link
 * com.trackunit.fabric.testkit.entra.EntraStandIn}.
 */
@NullMarked
package com.trackunit.fabric.testkit.entra;

import org.jspecify.annotations.NullMarked;
