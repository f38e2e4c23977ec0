// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token, read by type: a claim that is absent or not of its type is refused by
 * name, and its value never appears. A JSON null counts as malformed, not as absent.
 */
final class Claims {
  /** 9999-12-31T23:59:59Z; a later moment is a mistake or an attack. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  /** As many may be compared each with each. */
  private static final int FEW_TEXTS = 16;

  private final Map<String, @Nullable Object> members;
  private final byte[] json;

  /**
   * @param json the object whose members they are, as it was signed, in UTF-8
   */
  Claims(Map<String, @Nullable Object> members, byte[] json) {
    this.members = members;
    this.json = json;
  }

  String json() {
    return new String(json, StandardCharsets.UTF_8);
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  /** A claim of any type; null also if it is absent. */
  @Nullable Object raw(String name) {
    return members.get(name);
  }

  String text(String name) {
    if (require(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw malformed(name, "a text");
  }

  @Nullable String optionalText(String name) {
    return has(name) ? text(name) : null;
  }

  UUID guid(String name) {
    UUID guid = Guid.parse(text(name));
    if (guid == null) {
      throw malformed(name, "a GUID");
    }
    return guid;
  }

  /** A NumericDate of RFC 7519 as Entra ID writes it: whole seconds since 1970. */
  long seconds(String name) {
    if (require(name) instanceof Long seconds && seconds >= 0 && seconds <= MAX_SECONDS) {
      return seconds;
    }
    throw malformed(name, "whole seconds from 1970 to 9999");
  }

  /** The texts of an array; none if the claim is absent. */
  Set<String> texts(String name) {
    if (!has(name)) {
      return Set.of();
    }
    if (!(members.get(name) instanceof List<?> values)) {
      throw malformed(name, "an array of texts");
    }
    List<String> texts = new ArrayList<>(values.size());
    for (Object value : values) {
      if (!(value instanceof String text) || text.isEmpty()) {
        throw malformed(name, "an array of texts");
      }
      texts.add(text);
    }
    return set(texts);
  }

  /** The words of a text that spaces part; none if the claim is absent. */
  Set<String> words(String name) {
    if (!has(name)) {
      return Set.of();
    }
    String text = text(name);
    if (text.indexOf(' ') < 0) {
      return Set.of(text);
    }
    List<String> words = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      int space = text.indexOf(' ', from);
      int end = space < 0 ? text.length() : space;
      if (end > from) {
        words.add(text.substring(from, end));
      }
      from = end + 1;
    }
    if (words.isEmpty()) {
      throw malformed(name, "at least one word");
    }
    return set(words);
  }

  /**
   * Whoever sends a token chooses its texts, before any signature is looked at: where all of them
   * have the same hash, {@link Set#copyOf} compares each with each, and a {@link HashSet} does not.
   */
  private static Set<String> set(List<String> texts) {
    return texts.size() <= FEW_TEXTS
        ? Set.copyOf(texts)
        : Collections.unmodifiableSet(new HashSet<>(texts));
  }

  private @Nullable Object require(String name) {
    Object value = members.get(name);
    if (value == null && !has(name)) {
      throw new InvalidTokenException(Reason.CLAIM_MISSING, "claim " + name + " is missing");
    }
    return value;
  }

  private static InvalidTokenException malformed(String name, String expected) {
    return new InvalidTokenException(
        Reason.CLAIM_MALFORMED, "claim " + name + " is not " + expected);
  }
}
