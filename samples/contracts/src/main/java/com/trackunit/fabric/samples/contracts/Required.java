// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks of the values that a contract requires. A decoder hands in null where a member is missing,
 * so null is one of the answers to expect here. No message repeats a value: it may be private.
 */
final class Required {
  private Required() {}

  static <T> T value(@Nullable T value, String name) {
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }

  static String text(@Nullable String value, String name) {
    String text = value(value, name);
    if (text.isBlank()) {
      throw new IllegalArgumentException(name + " is blank, expected text");
    }
    // Keys and names end in log lines and headers.
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(name + " has control characters, expected plain text");
    }
    return text;
  }

  static String matching(@Nullable String value, String name, Pattern form, String expected) {
    String text = value(value, name);
    if (!form.matcher(text).matches()) {
      throw new IllegalArgumentException(name + " has another form, expected " + expected);
    }
    return text;
  }

  static double fraction(double value, String name) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 to 1");
    }
    return value;
  }
}
