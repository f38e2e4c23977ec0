// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.util.Map;

/**
 * A field that failed, in words that a client may see: {@code extensions.code} says what, {@code
 * extensions.retryable} whether the same call may succeed later.
 */
final class FieldError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Object> extensions;

  FieldError(String code, String message, boolean retryable) {
    this(message, Map.of("code", code, "retryable", retryable));
  }

  FieldError(String message, Map<String, Object> extensions) {
    super(message, null, false, false);
    this.extensions = Map.copyOf(extensions);
  }

  Map<String, Object> extensions() {
    return extensions;
  }
}
