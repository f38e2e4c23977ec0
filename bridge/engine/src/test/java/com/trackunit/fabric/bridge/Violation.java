// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/** A guarantee that did not hold in a simulated world. */
final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;

  Violation(String message) {
    super(message);
  }
}
