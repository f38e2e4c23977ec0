// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, collections, texts, numbers and booleans as JSON (RFC 8259). */
final class Json {
  private Json() {}

  static String of(Object value) {
    return write(value, "\n");
  }

  private static String write(Object value, String line) {
    String deeper = line + "  ";
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(
              entry ->
                  text(String.valueOf(entry.getKey())) + ": " + write(entry.getValue(), deeper))
          .collect(Collectors.joining("," + deeper, "{" + deeper, line + "}"));
    }
    if (value instanceof Collection<?> items) {
      return items.isEmpty()
          ? "[]"
          : items.stream()
              .map(item -> write(item, deeper))
              .collect(Collectors.joining("," + deeper, "[" + deeper, line + "]"));
    }
    return value instanceof Number || value instanceof Boolean
        ? value.toString()
        : text(value.toString());
  }

  private static String text(String value) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
