// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object as RFC 8259 and, stricter, as I-JSON (RFC 7493) has it: UTF-8 without a
 * byte order mark or lone surrogates, no member twice at any depth, nothing behind the object.
 * Depth and the lengths of names, texts and numbers are bounded.
 *
 * <p>Objects become maps, arrays lists, whole numbers that fit {@link Long}s; every other number
 * becomes {@link #OTHER_NUMBER}, because nothing that is read here may hold one.
 */
final class StrictJson {
  /** A number that is not whole or does not fit a long. */
  static final Object OTHER_NUMBER = new Object();

  // Names come from strangers: none of them may stay behind in a symbol table or as interned text.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxNameLength(1024)
                  .maxStringLength(64 * 1024)
                  .maxNumberLength(64)
                  .build())
          .build();

  private final JsonParser parser;

  /** Whether no text can hold a surrogate: the JSON is ASCII without an escape. */
  private final boolean isPlain;

  private StrictJson(JsonParser parser, boolean isPlain) {
    this.parser = parser;
    this.isPlain = isPlain;
  }

  static Map<String, @Nullable Object> readObject(byte[] utf8) throws MalformedJsonException {
    return readObject(decode(utf8));
  }

  static Map<String, @Nullable Object> readObject(String text) throws MalformedJsonException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("not a JSON object");
      }
      Map<String, @Nullable Object> members = new StrictJson(parser, isPlain(text)).members();
      if (parser.nextToken() != null) {
        throw malformed("something stands behind the JSON object");
      }
      return members;
    } catch (JsonProcessingException quotesTheText) {
      throw malformed("not well-formed JSON within bounds");
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory cannot fail to be read", e);
    }
  }

  /** The text that the bytes are, if they are nothing but UTF-8. */
  static String decode(byte[] utf8) throws MalformedJsonException {
    if (isAscii(utf8)) {
      return new String(utf8, StandardCharsets.ISO_8859_1);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(utf8))
              .toString();
      if (text.startsWith("\uFEFF")) {
        throw malformed("begins with a byte order mark");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw malformed("not UTF-8");
    }
  }

  private static boolean isAscii(byte[] bytes) {
    int all = 0;
    for (byte b : bytes) {
      all |= b;
    }
    return all >= 0;
  }

  private static boolean isPlain(String text) {
    if (text.indexOf('\\') >= 0) {
      return false;
    }
    int all = 0;
    for (int i = 0; i < text.length(); i++) {
      all |= text.charAt(i);
    }
    return all < 128;
  }

  private Map<String, @Nullable Object> members() throws IOException, MalformedJsonException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = wellFormed(parser.currentName());
      if (members.containsKey(name)) {
        throw new MalformedJsonException("a JSON member stands twice", true);
      }
      parser.nextToken();
      members.put(name, value());
    }
    return members;
  }

  private List<@Nullable Object> elements() throws IOException, MalformedJsonException {
    List<@Nullable Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value());
    }
    return elements;
  }

  private @Nullable Object value() throws IOException, MalformedJsonException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> members();
      case START_ARRAY -> elements();
      case VALUE_STRING -> wellFormed(parser.getText());
      case VALUE_NUMBER_INT -> whole();
      case VALUE_NUMBER_FLOAT -> OTHER_NUMBER;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw malformed("not well-formed JSON");
    };
  }

  private Object whole() throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? OTHER_NUMBER
        : (Object) parser.getLongValue();
  }

  private String wellFormed(String text) throws MalformedJsonException {
    if (isPlain) {
      return text;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean isPair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!isPair) {
          throw malformed("a text holds half of a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }

  private static MalformedJsonException malformed(String message) {
    return new MalformedJsonException(message, false);
  }
}
