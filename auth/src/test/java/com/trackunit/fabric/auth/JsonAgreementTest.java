// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Our reader of JSON takes and refuses what another one takes and refuses, and reads the same. */
class JsonAgreementTest {
  private static final int DOCUMENTS = 10_000;
  private static final String REFUSED = "refused";

  private static final JsonFactory OTHER =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** What a change puts in: mostly what means something in JSON. */
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u00e9",
    "\\u0061",
    "\\uD83D\\uDE9C",
    "\\n",
    "\\x",
    "0",
    "-",
    "1",
    "9",
    ".",
    "e",
    "E+",
    "-0",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1234567890123456789",
    "0.5",
    "1e9",
    "true",
    "false",
    "null",
    "nul",
    " ",
    "\t",
    "\n",
    "\r",
    "\u0000",
    "\u001f",
    "\u007f",
    "é",
    "\uD83D\uDE9C",
    "\"a\":1,",
    "\"tid\":"
  };

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  @Test
  void whateverTheDocumentIs() {
    int taken = 0;
    for (int i = 0; i < DOCUMENTS; i++) {
      String document = i % 4 == 0 ? object(0) : changed(object(0));
      byte[] utf8 = document.getBytes(StandardCharsets.UTF_8);
      if (i % 8 == 1) {
        utf8[random.nextInt(utf8.length)] = (byte) random.nextInt(256);
      }
      Object ours = ours(utf8);
      assertThat(ours)
          .as("seed %s: %s", seed, new String(utf8, StandardCharsets.UTF_8))
          .isEqualTo(other(utf8));
      taken += REFUSED.equals(ours) ? 0 : 1;
    }
    // Both answers were given often enough to have been compared.
    assertThat(taken).as("seed %s", seed).isBetween(DOCUMENTS / 8, DOCUMENTS * 7 / 8);
  }

  private static Object ours(byte[] utf8) {
    try {
      return StrictJson.readObject(utf8);
    } catch (MalformedJsonException e) {
      return REFUSED;
    }
  }

  /** The other reader takes bytes that are not UTF-8 here and there, and lone surrogates. */
  private static @Nullable Object other(byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      try (JsonParser parser = OTHER.createParser(text)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          return REFUSED;
        }
        Object value = value(parser);
        return parser.nextToken() == null && isWellFormed(value) ? value : REFUSED;
      }
    } catch (CharacterCodingException notUtf8) {
      return REFUSED;
    } catch (IOException malformed) {
      return REFUSED;
    }
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, value(parser));
        }
        return members;
      }
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        return elements;
      }
      case VALUE_STRING -> {
        return parser.getText();
      }
      case VALUE_NUMBER_INT -> {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? StrictJson.OTHER_NUMBER
            : (Object) parser.getLongValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        if (parser.getText().matches(".*[eE][+-]?\\d{4,}")) {
          throw new IOException("a giant exponent, which this reader takes and ours does not");
        }
        return StrictJson.OTHER_NUMBER;
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return parser.getBooleanValue();
      }
      default -> {
        return null;
      }
    }
  }

  private static boolean isWellFormed(@Nullable Object value) {
    if (value instanceof Map<?, ?> members) {
      return members.entrySet().stream()
          .allMatch(it -> isWellFormed(it.getKey()) && isWellFormed(it.getValue()));
    }
    if (value instanceof List<?> elements) {
      return elements.stream().allMatch(JsonAgreementTest::isWellFormed);
    }
    return !(value instanceof String text) || StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private String object(int depth) {
    StringBuilder object = new StringBuilder("{");
    int members = random.nextInt(5);
    for (int i = 0; i < members; i++) {
      object.append(i == 0 ? "" : ",").append(space()).append(text()).append(space()).append(':');
      object.append(space()).append(any(depth)).append(space());
    }
    return object.append('}').append(space()).toString();
  }

  private String any(int depth) {
    return switch (random.nextInt(depth < 4 ? 9 : 7)) {
      case 0 -> "true";
      case 1 -> "false";
      case 2 -> "null";
      case 3 -> Long.toString(random.nextLong() >> random.nextInt(64));
      case 4 -> random.nextInt(100) + "." + random.nextInt(100) + "e" + random.nextInt(10);
      case 5, 6 -> text();
      case 7 -> object(depth + 1);
      default -> "[" + any(depth + 1) + "," + space() + any(depth + 1) + "]";
    };
  }

  private String text() {
    StringBuilder text = new StringBuilder("\"");
    for (int length = random.nextInt(6); length > 0; length--) {
      switch (random.nextInt(12)) {
        case 0 -> text.append("\\\"");
        case 1 -> text.append("\\u00").append(10 + random.nextInt(90));
        case 2 -> text.append('é');
        case 3 -> text.append("\uD83D\uDE9C");
        case 4 -> text.append("\\uD83D\\uDE9C");
        default -> text.append((char) ('a' + random.nextInt(26)));
      }
    }
    return text.append('"').toString();
  }

  private String space() {
    return random.nextInt(6) == 0 ? " \t\r\n".substring(random.nextInt(4)) : "";
  }

  private String changed(String document) {
    StringBuilder changed = new StringBuilder(document);
    int at = random.nextInt(document.length());
    switch (random.nextInt(4)) {
      case 0 -> changed.delete(at, Math.min(at + 1 + random.nextInt(3), changed.length()));
      case 1 -> changed.insert(at, PIECES[random.nextInt(PIECES.length)]);
      case 2 -> changed.replace(at, at + 1, PIECES[random.nextInt(PIECES.length)]);
      default -> changed.insert(at, document.charAt(random.nextInt(document.length())));
    }
    return changed.length() == 0 ? "{" : changed.toString();
  }
}
