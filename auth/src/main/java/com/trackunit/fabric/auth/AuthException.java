// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.FabricException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A caller was not let in. Catch this one to answer HTTP: {@link #httpStatus()} and {@link
 * #wwwAuthenticate()} are ready to be sent. Neither the message nor the header holds a byte of the
 * token or the value of a claim.
 */
public abstract sealed class AuthException extends FabricException
    permits InvalidTokenException,
        AccessDeniedException,
        ClaimsRequiredException,
        KeysUnavailableException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  AuthException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /**
   * Why, as a stable code.
   *
   * @return never null
   */
  public final Reason reason() {
    return reason;
  }

  /**
   * The status to answer with.
   *
   * @return 401 (bad token), 403 (good token, not allowed) or 503 (cannot decide)
   */
  public abstract int httpStatus();

  /**
   * The value of the {@code WWW-Authenticate} header to answer with (RFC 6750, section 3).
   *
   * @return a Bearer challenge; empty where none belongs, which is with 503
   */
  public abstract Optional<String> wwwAuthenticate();
}
