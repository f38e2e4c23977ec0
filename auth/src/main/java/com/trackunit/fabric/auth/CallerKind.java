// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

/** Who stands behind a token: a user, or an application for itself. */
public enum CallerKind {
  /** A client acts for a user, within the scopes that the user allowed it ({@code scp}). */
  DELEGATED,
  /** An application acts for itself: no scope, and {@code idtyp} or {@code sub} says so. */
  APP_ONLY,
  /** The token does not prove it; let in only by a {@link Relaxation}. */
  UNKNOWN
}
