// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

/**
 * A rule that may be given up, for tokens that are real and do not follow it. Each one lets more
 * callers in: name it in the service's own documentation.
 */
public enum Relaxation {
  /**
   * Accepts tokens with neither scopes nor roles. Entra ID issues them to any application of the
   * tenant that asks, unless assignment is required: valid says nothing about allowed then.
   */
  NO_PERMISSIONS,
  /**
   * Accepts tokens with roles, but without a scope and without {@code idtyp} or {@code sub} =
   * {@code oid} to prove them app-only. Their {@link AccessToken#kind()} is {@link
   * CallerKind#UNKNOWN}.
   */
  UNKNOWN_KIND
}
