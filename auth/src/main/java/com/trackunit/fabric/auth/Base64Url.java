// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Base64url of RFC 7515, section 2, in its one canonical spelling. The JDK's decoder also takes
 * padding and ignores stray bits at the end, so that one token would have many spellings.
 */
final class Base64Url {
  /** The value of a character at each of the four places; negative outside of the alphabet. */
  private static final int[] FIRST = values(18);

  private static final int[] SECOND = values(12);
  private static final int[] THIRD = values(6);
  private static final int[] FOURTH = values(0);

  private Base64Url() {}

  /**
   * Decodes a part of a text.
   *
   * @return the bytes, or null if the part is not canonical base64url
   */
  static byte @Nullable [] decode(String text, int from, int to) {
    // What does not fit a byte becomes a question mark, which is not in the alphabet.
    return decode(text.substring(from, to).getBytes(StandardCharsets.ISO_8859_1), 0, to - from);
  }

  /**
   * Decodes a part of what are characters of one byte each.
   *
   * @return the bytes, or null if the part is not canonical base64url
   */
  static byte @Nullable [] decode(byte[] chars, int from, int to) {
    int length = to - from;
    int tail = length % 4;
    if (tail == 1) {
      return null;
    }
    byte[] bytes = new byte[length / 4 * 3 + tail * 3 / 4];
    int whole = to - tail;
    int at = 0;
    int seen = 0; // negative once a character was outside of the alphabet
    for (int i = from; i < whole; i += 4) {
      int four =
          FIRST[chars[i] & 0xFF]
              | SECOND[chars[i + 1] & 0xFF]
              | THIRD[chars[i + 2] & 0xFF]
              | FOURTH[chars[i + 3] & 0xFF];
      seen |= four;
      bytes[at] = (byte) (four >> 16);
      bytes[at + 1] = (byte) (four >> 8);
      bytes[at + 2] = (byte) four;
      at += 3;
    }
    if (tail > 0) {
      int third = tail == 3 ? THIRD[chars[whole + 2] & 0xFF] : 0;
      int rest = FIRST[chars[whole] & 0xFF] | SECOND[chars[whole + 1] & 0xFF] | third;
      seen |= rest;
      bytes[at] = (byte) (rest >> 16);
      if (tail == 3) {
        bytes[at + 1] = (byte) (rest >> 8);
      }
      int stray = tail == 3 ? rest & 0xFF : rest & 0xFFFF;
      if (stray != 0) {
        return null;
      }
    }
    return seen < 0 ? null : bytes;
  }

  private static int[] values(int shift) {
    int[] values = new int[256];
    Arrays.fill(values, -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < alphabet.length(); i++) {
      values[alphabet.charAt(i)] = i << shift;
    }
    return values;
  }
}
