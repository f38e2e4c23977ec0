// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Optional;

/** The token is not valid here (401): the caller needs another one. */
public final class InvalidTokenException extends AuthException {
  private static final long serialVersionUID = 1L;

  InvalidTokenException(Reason reason) {
    this(reason, reason.summary());
  }

  InvalidTokenException(Reason reason, String detail) {
    super(reason, "token refused (" + reason.code() + "): " + detail, null);
  }

  /**
   * Leaves the stack out: a refusal is an answer, not a fault, its reason says all, and who sends
   * garbage shall not make us walk the stack each time.
   *
   * @return this
   */
  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it changes nothing
  public Throwable fillInStackTrace() {
    return this;
  }

  /**
   * {@inheritDoc}
   *
   * @return true only for {@link Reason#KEYS_STALE} and {@link Reason#TOKEN_NOT_YET_VALID}
   */
  @Override
  public boolean isRetryable() {
    return reason() == Reason.KEYS_STALE || reason() == Reason.TOKEN_NOT_YET_VALID;
  }

  @Override
  public int httpStatus() {
    return 401;
  }

  /**
   * {@inheritDoc} A request without any token gets the bare scheme, as RFC 6750, section 3.1 asks.
   */
  @Override
  public Optional<String> wwwAuthenticate() {
    if (reason() == Reason.TOKEN_MISSING) {
      return Optional.of("Bearer");
    }
    return Optional.of(
        "Bearer error=\"invalid_token\", error_description=\"" + reason().summary() + "\"");
  }
}
