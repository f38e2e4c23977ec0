// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** GUIDs in their one full form; {@link UUID#fromString} also takes shortened ones. */
final class Guid {
  private static final int LENGTH = 36;
  private static final long DASHES = 1L << 8 | 1L << 13 | 1L << 18 | 1L << 23;

  /** The value of each character of ASCII; negative for those that are no hexadecimal digits. */
  private static final byte[] DIGITS = new byte[128];

  static {
    for (char c = 0; c < DIGITS.length; c++) {
      DIGITS[c] = (byte) Character.digit(c, 16);
    }
  }

  private Guid() {}

  /** The GUID in a text, or null if the text is not 8-4-4-4-12 hexadecimal digits. */
  static @Nullable UUID parse(String text) {
    if (text.length() != LENGTH) {
      return null;
    }
    long most = 0;
    long least = 0;
    for (int i = 0; i < LENGTH; i++) {
      char c = text.charAt(i);
      if (((DASHES >> i) & 1) != 0) {
        if (c != '-') {
          return null;
        }
        continue;
      }
      int digit = c < DIGITS.length ? DIGITS[c] : -1;
      if (digit < 0) {
        return null;
      }
      most = (most << 4) | (least >>> 60);
      least = (least << 4) | digit;
    }
    return new UUID(most, least);
  }
}
