// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Optional;

/**
 * Nobody can tell now whether the token is good (503): there are no signing keys, or they are older
 * than allowed. The same token may be accepted later.
 */
public final class KeysUnavailableException extends AuthException {
  private static final long serialVersionUID = 1L;

  KeysUnavailableException(String detail) {
    super(
        Reason.KEYS_UNAVAILABLE,
        "token not decided (" + Reason.KEYS_UNAVAILABLE.code() + "): " + detail,
        null);
  }

  /**
   * {@inheritDoc}
   *
   * @return true
   */
  @Override
  public boolean isRetryable() {
    return true;
  }

  @Override
  public int httpStatus() {
    return 503;
  }

  /**
   * {@inheritDoc}
   *
   * @return always empty: another token would not help
   */
  @Override
  public Optional<String> wwwAuthenticate() {
    return Optional.empty();
  }
}
