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

  /** A name that AMQP can carry: a short string. */
  static String name(String option, String name, int min) {
    int length = WireLimits.utf8Length(name);
    if (length < min || length > WireLimits.MAX_SHORT_STRING) {
      throw new IllegalArgumentException(
          option
              + " '"
              + name
              + "', expected "
              + min
              + " to "
              + WireLimits.MAX_SHORT_STRING
              + " bytes of UTF-8");
    }
    return name;
  }
}
