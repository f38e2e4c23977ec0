// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON. The stand-in never reads any: what it is sent are forms. */
final class Json {
  private Json() {}

  /**
   * Writes maps, iterables, texts, numbers, booleans and null; anything else is written as its
   * text.
   */
  static String write(@Nullable Object value) {
    StringBuilder out = new StringBuilder(1024);
    append(out, value);
    return out.toString();
  }

  private static void append(StringBuilder out, @Nullable Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> member : map.entrySet()) {
        text(out.append(separator), String.valueOf(member.getKey()));
        append(out.append(':'), member.getValue());
        separator = ",";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof Iterable<?> items) {
      out.append('[');
      String separator = "";
      for (Object item : items) {
        append(out.append(separator), item);
        separator = ",";
      }
      out.append(']');
    } else {
      text(out, value.toString());
    }
  }

  private static void text(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
