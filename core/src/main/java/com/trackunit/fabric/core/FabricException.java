// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import org.jspecify.annotations.Nullable;

/**
 * The root of every error that a Fabric module raises on purpose. Subtypes exist only where a
 * caller acts differently.
 *
 * <p>A message names the operation, its target, what was seen, what was expected and what to do; it
 * never holds a secret. Misuse of an API is not a {@code FabricException} but one of the JDK's own:
 * {@link NullPointerException}, {@link IllegalArgumentException} or {@link IllegalStateException}.
 */
public abstract class FabricException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message operation, target, seen, expected, what to do; no secrets
   * @param cause what was caught at the module's boundary, or null
   */
  protected FabricException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Whether the same call, made again later and unchanged, may succeed.
   *
   * @return true where the cause is expected to pass (a broker away, a timeout); false where only a
   *     change on the caller's side helps
   */
  public abstract boolean isRetryable();
}
