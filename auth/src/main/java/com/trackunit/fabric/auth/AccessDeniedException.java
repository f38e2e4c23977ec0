// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Optional;

/** The token is valid, but does not allow this call (403): the caller lacks a right. */
public final class AccessDeniedException extends AuthException {
  private static final long serialVersionUID = 1L;

  private final String requiredScope;

  AccessDeniedException(String requiredScope, String detail) {
    super(
        Reason.SCOPE_MISSING,
        "access denied (" + Reason.SCOPE_MISSING.code() + "): " + detail,
        null);
    this.requiredScope = requiredScope;
  }

  /**
   * {@inheritDoc}
   *
   * @return false
   */
  @Override
  public boolean isRetryable() {
    return false;
  }

  @Override
  public int httpStatus() {
    return 403;
  }

  /** {@inheritDoc} It names the scope that would have been enough. */
  @Override
  public Optional<String> wwwAuthenticate() {
    return Optional.of("Bearer error=\"insufficient_scope\", scope=\"" + requiredScope + "\"");
  }
}
