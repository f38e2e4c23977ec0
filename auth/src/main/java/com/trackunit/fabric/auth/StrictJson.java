// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
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
 *
 * <p>It goes over the bytes once, and a text that is ASCII without an escape, which nearly all are,
 * is copied and not decoded.
 */
final class StrictJson {
  /** A number that is not whole or does not fit a long. */
  static final Object OTHER_NUMBER = new Object();

  private static final int MAX_DEPTH = 16;
  private static final int MAX_NAME_LENGTH = 1024;
  private static final int MAX_TEXT_LENGTH = 64 * 1024;
  private static final int MAX_NUMBER_LENGTH = 64;

  /** Doubles have up to 308; some parsers refuse larger ones, others make giant numbers of them. */
  private static final int MAX_EXPONENT_DIGITS = 3;

  /** However they are spelled, numbers of so many digits fit a long. */
  private static final int DIGITS_THAT_FIT = 18;

  /** Room for the claims of a usual token, in its payload of some hundred bytes. */
  private static final int USUAL_MEMBERS = 48;

  private static final int USUAL_PAYLOAD = 256;

  /** Eight bytes as a number, the first of them lowest. */
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

  private final byte[] json;
  private int at;

  private StrictJson(byte[] utf8) {
    this.json = utf8;
  }

  static Map<String, @Nullable Object> readObject(byte[] utf8) throws MalformedJsonException {
    return readObject(utf8, ReadNames.NONE);
  }

  /**
   * Reads an object.
   *
   * @param names the members that will be asked for; one of the object's own members that differs
   *     from them in case alone counts as standing twice
   */
  static Map<String, @Nullable Object> readObject(byte[] utf8, ReadNames names)
      throws MalformedJsonException {
    StrictJson reader = new StrictJson(utf8);
    int first = reader.peek();
    if (first != '{') {
      throw malformed(first == 0xEF ? "begins with a byte order mark" : "not a JSON object");
    }
    Map<String, @Nullable Object> members = reader.members(1, names);
    if (reader.peek() >= 0) {
      throw malformed("something stands behind the JSON object");
    }
    return members;
  }

  /** The next byte that is no space, still to be read; negative at the end. */
  private int peek() {
    while (at < json.length) {
      byte b = json[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b & 0xFF;
      }
      at++;
    }
    return -1;
  }

  private void expect(char c) throws MalformedJsonException {
    if (peek() != c) {
      throw malformed();
    }
    at++;
  }

  private Map<String, @Nullable Object> members(int depth, ReadNames names)
      throws MalformedJsonException {
    boolean isPayload = depth == 1 && json.length > USUAL_PAYLOAD;
    Map<String, @Nullable Object> members = new HashMap<>(isPayload ? USUAL_MEMBERS : 8);
    expect('{');
    if (peek() == '}') {
      at++;
      return members;
    }
    int count = 0;
    while (true) {
      String name = name(names);
      expect(':');
      members.put(name, value(depth));
      if (members.size() != ++count) {
        throw new MalformedJsonException("a JSON member stands twice", true);
      }
      if (isLast('}')) {
        return members;
      }
    }
  }

  private List<@Nullable Object> elements(int depth) throws MalformedJsonException {
    List<@Nullable Object> elements = new ArrayList<>(4);
    expect('[');
    if (peek() == ']') {
      at++;
      return elements;
    }
    while (true) {
      elements.add(value(depth));
      if (isLast(']')) {
        return elements;
      }
    }
  }

  /** Whether what was read was the last of its object or array; goes past what follows it. */
  private boolean isLast(char end) throws MalformedJsonException {
    int next = peek();
    if (next != ',' && next != end) {
      throw malformed();
    }
    at++;
    return next == end;
  }

  private @Nullable Object value(int depth) throws MalformedJsonException {
    int first = peek();
    return switch (first) {
      case '"' -> text(at + 1, plainEnd(at + 1), MAX_TEXT_LENGTH);
      case '{' -> members(deeper(depth), ReadNames.NONE);
      case '[' -> elements(deeper(depth));
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", null);
      case -1 -> throw malformed();
      default -> number();
    };
  }

  private static int deeper(int depth) throws MalformedJsonException {
    if (depth == MAX_DEPTH) {
      throw malformed("nested too deeply");
    }
    return depth + 1;
  }

  private @Nullable Object literal(String word, @Nullable Object value)
      throws MalformedJsonException {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at == json.length || json[at] != word.charAt(i)) {
        throw malformed();
      }
    }
    return value;
  }

  private Object number() throws MalformedJsonException {
    int from = at;
    boolean isNegative = json[at] == '-';
    if (isNegative) {
      at++;
    }
    int digitsFrom = at;
    long value = digits();
    int digits = at - digitsFrom;
    if (digits > 1 && json[digitsFrom] == '0') {
      throw malformed();
    }
    boolean isWhole = true;
    if (at < json.length && json[at] == '.') {
      isWhole = false;
      at++;
      digits();
    }
    if (at < json.length && (json[at] | 0x20) == 'e') {
      isWhole = false;
      at++;
      if (at < json.length && (json[at] == '+' || json[at] == '-')) {
        at++;
      }
      int exponentFrom = at;
      digits();
      if (at - exponentFrom > MAX_EXPONENT_DIGITS) {
        throw malformed("a number is too large or too small");
      }
    }
    if (at - from > MAX_NUMBER_LENGTH) {
      throw malformed("a number is too long");
    }
    if (!isWhole) {
      return OTHER_NUMBER;
    }
    return digits <= DIGITS_THAT_FIT ? (Object) (isNegative ? -value : value) : large(from);
  }

  /** At least one digit; their value, if it fits. */
  private long digits() throws MalformedJsonException {
    int i = at;
    long value = 0;
    for (; i < json.length && json[i] >= '0' && json[i] <= '9'; i++) {
      value = value * 10 + (json[i] - '0');
    }
    if (i == at) {
      throw malformed();
    }
    at = i;
    return value;
  }

  private Object large(int from) {
    try {
      return Long.valueOf(new String(json, from, at - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException doesNotFit) {
      return OTHER_NUMBER;
    }
  }

  private String name(ReadNames names) throws MalformedJsonException {
    if (peek() != '"') {
      throw malformed();
    }
    int from = at + 1;
    int end = plainEnd(from);
    String known = json[end] == '"' ? names.find(json, from, end) : null;
    if (known != null) {
      at = end + 1;
      return known;
    }
    String name = text(from, end, MAX_NAME_LENGTH);
    String twin = names.twinOf(name);
    if (twin != null) {
      throw new MalformedJsonException("member " + twin + " stands there in another case", true);
    }
    return name;
  }

  /** Where a text ends, or has its first character that is not plain ASCII. */
  private int plainEnd(int from) throws MalformedJsonException {
    int i = from;
    for (; i <= json.length - Long.BYTES; i += Long.BYTES) {
      long stops = stops((long) EIGHT.get(json, i));
      if (stops != 0) {
        return i + Long.numberOfTrailingZeros(stops) / Byte.SIZE;
      }
    }
    for (; i < json.length; i++) {
      byte b = json[i];
      if (b < ' ' || b == '"' || b == '\\') {
        return i;
      }
    }
    throw malformed();
  }

  /**
   * Marks the bytes that are no plain ASCII of a text: the highest bit of the first such byte is
   * set, and none before it. A subtraction borrows from a byte only where it marks the one before.
   */
  private static long stops(long eight) {
    long quotes = (eight ^ ('"' * ONES)) - ONES;
    long escapes = (eight ^ ('\\' * ONES)) - ONES;
    long controls = eight - ' ' * ONES;
    return (quotes | escapes | controls | eight) & HIGHEST_BITS;
  }

  /** The text that begins there; {@code end} is its plain end. */
  private String text(int from, int end, int maxLength) throws MalformedJsonException {
    String text;
    if (json[end] == '"') {
      text = new String(json, from, end - from, StandardCharsets.ISO_8859_1);
      at = end + 1;
    } else {
      int quote = quote(end);
      text = wellFormed(unescaped(decoded(from, quote)));
      at = quote + 1;
    }
    if (text.length() > maxLength) {
      throw malformed("a name or text is too long");
    }
    return text;
  }

  /** The quotation mark that ends a text, whatever it holds. */
  private int quote(int from) throws MalformedJsonException {
    for (int i = from; i < json.length; i++) {
      byte b = json[i];
      if (b == '"') {
        return i;
      }
      if (b >= 0 && b < ' ') {
        throw malformed();
      }
      if (b == '\\') {
        i++;
      }
    }
    throw malformed();
  }

  private String decoded(int from, int end) throws MalformedJsonException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(json, from, end - from))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed("not UTF-8");
    }
  }

  private static String unescaped(String text) throws MalformedJsonException {
    int escape = text.indexOf('\\');
    if (escape < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    int from = 0;
    while (escape >= 0) {
      plain.append(text, from, escape);
      char kind = text.charAt(escape + 1); // a text never ends in an escape: quote() went past two
      plain.append(kind == 'u' ? unit(text, escape + 2) : control(kind));
      from = escape + (kind == 'u' ? 6 : 2);
      escape = text.indexOf('\\', from);
    }
    return plain.append(text, from, text.length()).toString();
  }

  private static char unit(String text, int from) throws MalformedJsonException {
    int unit = 0;
    for (int i = from; i < from + 4; i++) {
      char c = i < text.length() ? text.charAt(i) : ' ';
      int digit = c < 128 ? Character.digit(c, 16) : -1; // digits of other scripts are none here
      if (digit < 0) {
        throw malformed();
      }
      unit = (unit << 4) | digit;
    }
    return (char) unit;
  }

  private static char control(char kind) throws MalformedJsonException {
    return switch (kind) {
      case '"', '\\', '/' -> kind;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> throw malformed();
    };
  }

  private static String wellFormed(String text) throws MalformedJsonException {
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

  private static MalformedJsonException malformed() {
    return malformed("not well-formed JSON within bounds");
  }

  private static MalformedJsonException malformed(String message) {
    return new MalformedJsonException(message, false);
  }
}
