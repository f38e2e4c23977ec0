// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

/**
 * A text is not the strict JSON that is read here. The message says what is wrong and holds nothing
 * of the text.
 */
final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean isDuplicate;

  MalformedJsonException(String message, boolean isDuplicate) {
    super(message, null, false, false); // without a stack: it is an answer, not a fault
    this.isDuplicate = isDuplicate;
  }

  /** Whether a member stands twice. */
  boolean isDuplicate() {
    return isDuplicate;
  }
}
