// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.FabricException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A photo did not come back as an answer; {@link #reason()} says what the caller can do. */
public final class TrackunitClientException extends FabricException {
  private static final long serialVersionUID = 1L;

  /** What the caller can do about it. */
  public enum Reason {
    /** The file is no photo that the fabric takes; nothing was sent. Choose another one. */
    BAD_PHOTO,
    /** No token, or even a new one was refused. Sign in again. */
    SIGN_IN,
    /** The token is good and the answer is no: a scope is missing. Ask for access. */
    FORBIDDEN,
    /** A peer could not be reached or is not ready. Try again later. */
    UNREACHABLE,
    /** A peer understood and said no. The message tells why. */
    REFUSED,
    /** A peer does not speak as agreed, or an address is not one to trust. Not the user's fault. */
    PROTOCOL,
    /** The deadline passed first. The photo may still be analysed. */
    TIMEOUT,
    /** The calling thread was interrupted; its flag is set again. */
    INTERRUPTED
  }

  private final Reason reason;

  TrackunitClientException(Reason reason, String message) {
    this(reason, message, null);
  }

  TrackunitClientException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /**
   * What the caller can do about it.
   *
   * @return never null
   */
  public Reason reason() {
    return reason;
  }

  @Override
  public boolean isRetryable() {
    return reason == Reason.UNREACHABLE || reason == Reason.TIMEOUT;
  }
}
