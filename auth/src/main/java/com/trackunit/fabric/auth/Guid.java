// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** GUIDs in their one full form; {@link UUID#fromString} alone also takes shortened ones. */
final class Guid {
  private static final int LENGTH = 36;

  private Guid() {}

  /** The GUID in a text, or null if the text is not 8-4-4-4-12 hexadecimal digits. */
  static @Nullable UUID parse(String text) {
    if (text.length() != LENGTH) {
      return null;
    }
    try {
      UUID guid = UUID.fromString(text);
      return guid.toString().equals(text.toLowerCase(Locale.ROOT)) ? guid : null;
    } catch (IllegalArgumentException notHex) {
      return null;
    }
  }
}
