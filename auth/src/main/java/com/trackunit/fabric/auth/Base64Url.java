// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Base64url of RFC 7515, section 2, in its one canonical spelling. The JDK's decoder also takes
 * padding and ignores stray bits at the end, so that one token would have many spellings.
 */
final class Base64Url {
  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < alphabet.length(); i++) {
      VALUES[alphabet.charAt(i)] = (byte) i;
    }
  }

  private Base64Url() {}

  /**
   * Decodes a part of a text.
   *
   * @return the bytes, or null if the part is not canonical base64url
   */
  static byte @Nullable [] decode(String text, int from, int to) {
    int length = to - from;
    if (length % 4 == 1) {
      return null;
    }
    byte[] bytes = new byte[length * 6 / 8];
    int at = 0;
    int bits = 0;
    int pending = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int value = c < VALUES.length ? VALUES[c] : -1;
      if (value < 0) {
        return null;
      }
      pending = (pending << 6) | value;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = (byte) (pending >> bits);
        pending &= (1 << bits) - 1;
      }
    }
    return pending == 0 ? bytes : null;
  }
}
