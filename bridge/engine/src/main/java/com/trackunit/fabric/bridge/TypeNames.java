// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The side-car header: a flat JSON object of text, header name to type. What is not that is read as
 * an empty one: it did not come from a bridge.
 */
final class TypeNames {
  private final String json;
  private int at;

  private TypeNames(String json) {
    this.json = json;
  }

  static String write(Map<String, String> types) {
    StringBuilder text = new StringBuilder("{");
    types.forEach(
        (name, type) -> {
          text.append(text.length() > 1 ? "," : "");
          quote(text, name);
          text.append(':');
          quote(text, type);
        });
    return text.append('}').toString();
  }

  private static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u").append(String.format("%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  static Map<String, String> read(String json) {
    try {
      return new TypeNames(json).object();
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Map.of();
    }
  }

  private Map<String, String> object() {
    Map<String, String> types = new LinkedHashMap<>();
    expect('{');
    if (peek() != '}') {
      do {
        String name = string();
        expect(':');
        types.put(name, string());
      } while (json.charAt(at++) == ',');
      at--;
    }
    expect('}');
    return types;
  }

  private char peek() {
    while (Character.isWhitespace(json.charAt(at))) {
      at++;
    }
    return json.charAt(at);
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw new IllegalArgumentException("at " + at + " of the header types");
    }
    at++;
  }

  private String string() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (json.charAt(at) != '"') {
      char c = json.charAt(at++);
      text.append(c == '\\' ? escaped() : c);
    }
    at++;
    if (at < json.length()) {
      peek();
    }
    return text.toString();
  }

  private char escaped() {
    char c = json.charAt(at++);
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> {
        at += 4;
        yield (char) Integer.parseInt(json.substring(at - 4, at), 16);
      }
      default -> c;
    };
  }
}
