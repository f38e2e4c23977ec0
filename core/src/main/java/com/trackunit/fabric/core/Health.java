// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.util.List;
import java.util.Objects;

/**
 * Whether something works, and if not, why: the answer that readiness endpoints give as it is.
 * Immutable.
 *
 * @param name what was asked
 * @param isUp whether it works
 * @param detail for an operator; no secrets
 * @param parts the checks it was put together from; empty for a single check
 */
public record Health(String name, boolean isUp, String detail, List<Health> parts) {
  /** Checks that every part is there and copies the list. */
  public Health {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(detail, "detail");
    parts = List.copyOf(parts);
  }

  /**
   * A check that passed.
   *
   * @param name what was asked
   * @param detail for an operator
   * @return a health without parts
   */
  public static Health up(String name, String detail) {
    return new Health(name, true, detail, List.of());
  }

  /**
   * A check that failed.
   *
   * @param name what was asked
   * @param detail for an operator: what is wrong
   * @return a health without parts
   */
  public static Health down(String name, String detail) {
    return new Health(name, false, detail, List.of());
  }

  /**
   * Up if every part is up; an empty list is up.
   *
   * @param name what was asked
   * @param parts the single checks
   * @return the checks put together
   */
  public static Health of(String name, List<Health> parts) {
    List<String> failed = parts.stream().filter(part -> !part.isUp()).map(Health::name).toList();
    String detail = failed.isEmpty() ? "ok" : "down: " + String.join(", ", failed);
    return new Health(name, failed.isEmpty(), detail, parts);
  }

  /**
   * This answer as a JSON object (RFC 8259): {@code name}, {@code status} ({@code UP} or {@code
   * DOWN}), {@code detail}, {@code checks}.
   *
   * @return one line of JSON
   */
  public String toJson() {
    StringBuilder json = new StringBuilder(128);
    appendTo(json);
    return json.toString();
  }

  private void appendTo(StringBuilder json) {
    json.append("{\"name\":");
    appendQuoted(json, name);
    json.append(",\"status\":\"").append(isUp ? "UP" : "DOWN").append("\",\"detail\":");
    appendQuoted(json, detail);
    json.append(",\"checks\":[");
    for (int i = 0; i < parts.size(); i++) {
      if (i > 0) {
        json.append(',');
      }
      parts.get(i).appendTo(json);
    }
    json.append("]}");
  }

  private static void appendQuoted(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c)) {
        json.append("\\u").append(Character.forDigit(c >> 12, 16));
        json.append(Character.forDigit((c >> 8) & 0xF, 16));
        json.append(Character.forDigit((c >> 4) & 0xF, 16));
        json.append(Character.forDigit(c & 0xF, 16));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
