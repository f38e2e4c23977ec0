// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The token is valid, but does not allow this call (403): the caller lacks a right. */
public final class AccessDeniedException extends AuthException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String sufficientScopes;

  private AccessDeniedException(Reason reason, @Nullable String sufficientScopes, String detail) {
    super(reason, "access denied (" + reason.code() + "): " + detail, null);
    this.sufficientScopes = sufficientScopes;
  }

  /** A scope is missing; {@code sufficient} names, with spaces between, what would be enough. */
  static AccessDeniedException scopeMissing(String sufficient, String detail) {
    return new AccessDeniedException(Reason.SCOPE_MISSING, sufficient, detail);
  }

  static AccessDeniedException roleMissing(String detail) {
    return new AccessDeniedException(Reason.ROLE_MISSING, null, detail);
  }

  static AccessDeniedException actorDenied() {
    return new AccessDeniedException(
        Reason.ACTOR_DENIED, null, "azp or appid is not on the list of actors");
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

  /** {@inheritDoc} It names the scope that would have been enough, where there is one. */
  @Override
  public Optional<String> wwwAuthenticate() {
    return Optional.of(
        sufficientScopes == null
            ? "Bearer error=\"insufficient_scope\", error_description=\""
                + reason().summary()
                + "\""
            : "Bearer error=\"insufficient_scope\", scope=\"" + sufficientScopes + "\"");
  }
}
