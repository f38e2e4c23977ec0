// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.time.Duration;

/** Checks that options keep: the message names the option, the value and the bound. */
final class Bounds {
  private Bounds() {}

  static Duration duration(String option, Duration value, Duration max) {
    if (value.isNegative() || value.isZero() || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          option + " is " + value + ", expected more than 0, at most " + max);
    }
    return value;
  }

  static long number(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + " is " + value + ", expected " + min + " to " + max);
    }
    return value;
  }
}
