// SPDX-License-Identifier: Apache-2.0
/**
 * Is this caller who they say, and may they? Microsoft Entra ID access tokens in, verdicts out.
 *
 * <p>{@link com.trackunit.fabric.auth.EntraTokenValidator} turns a bearer token into an {@link
 * com.trackunit.fabric.auth.AccessToken} or one of the three {@link
 * com.trackunit.fabric.auth.AuthException}s: the token is bad (401), it is good but does not allow
 * this (403), or nobody can tell now (503).
 */
@NullMarked
package com.trackunit.fabric.auth;

import org.jspecify.annotations.NullMarked;
