// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Photos to test with. */
final class Photos {
  // One transparent pixel.
  private static final byte[] PNG =
      Base64.getDecoder()
          .decode(
              "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
                  + "rkJggg==");

  private Photos() {}

  static byte[] png() {
    return PNG.clone();
  }

  /** The same photo with zeros after its end, which every decoder ignores. */
  static byte[] padded(byte[] photo, int bytes) {
    return Arrays.copyOf(photo, bytes);
  }

  static String checksum(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
