// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import com.rabbitmq.client.impl.ValueReader;
import com.rabbitmq.client.impl.ValueWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AMQP header values as the bytes of Kafka headers, and back. Text that is UTF-8, bytes that are
 * not, and null need no type: Kafka's own bytes tell them apart. Every other value has the name of
 * its type in the side-car header: numbers, booleans, decimals and timestamps (in seconds) are
 * written as text, tables and arrays as AMQP writes them.
 */
final class HeaderTypes {
  /** A value as Kafka holds it; the type is null where the bytes say it all. */
  static final class Typed {
    private final byte @Nullable [] bytes;
    private final @Nullable String type;

    private Typed(byte @Nullable [] bytes, @Nullable String type) {
      this.bytes = bytes;
      this.type = type;
    }

    byte @Nullable [] bytes() {
      return bytes;
    }

    @Nullable String type() {
      return type;
    }
  }

  private static final String WRAPPED = "v";

  private HeaderTypes() {}

  static Typed toKafka(@Nullable Object value) {
    if (value == null) {
      return new Typed(null, null);
    }
    if (value instanceof LongString text) {
      return text(text.getBytes());
    }
    if (value instanceof String text) {
      return text(text.getBytes(StandardCharsets.UTF_8));
    }
    if (value instanceof byte[] bytes) {
      return new Typed(bytes, Utf8.isText(bytes) ? "bytes" : null);
    }
    if (value instanceof Map || value instanceof List) {
      return new Typed(write(Map.of(WRAPPED, value)), value instanceof Map ? "table" : "array");
    }
    return new Typed(scalar(value).getBytes(StandardCharsets.UTF_8), nameOf(value));
  }

  private static Typed text(byte[] bytes) {
    return new Typed(bytes, Utf8.isText(bytes) ? null : "text");
  }

  private static String scalar(Object value) {
    if (value instanceof Date date) {
      return String.valueOf(date.toInstant().getEpochSecond());
    }
    return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
  }

  private static String nameOf(Object value) {
    if (value instanceof Boolean) {
      return "boolean";
    } else if (value instanceof Byte) {
      return "byte";
    } else if (value instanceof Short) {
      return "short";
    } else if (value instanceof Integer) {
      return "int";
    } else if (value instanceof Long) {
      return "long";
    } else if (value instanceof Float) {
      return "float";
    } else if (value instanceof Double) {
      return "double";
    } else if (value instanceof BigDecimal) {
      return "decimal";
    } else if (value instanceof Date) {
      return "timestamp";
    }
    throw new IllegalArgumentException("header of type " + value.getClass().getName());
  }

  /**
   * The value again.
   *
   * @throws IllegalArgumentException if the bytes are not of the type
   * @throws java.time.DateTimeException if there is no such time
   */
  static @Nullable Object toAmqp(byte[] bytes, String type) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return switch (type) {
      case "text" -> LongStringHelper.asLongString(bytes);
      case "bytes" -> bytes;
      case "boolean" -> Boolean.valueOf(text);
      case "byte" -> Byte.valueOf(text);
      case "short" -> Short.valueOf(text);
      case "int" -> Integer.valueOf(text);
      case "long" -> Long.valueOf(text);
      case "float" -> Float.valueOf(text);
      case "double" -> Double.valueOf(text);
      case "decimal" -> new BigDecimal(text);
      case "timestamp" -> Date.from(Instant.ofEpochSecond(Long.parseLong(text)));
      case "table", "array" -> read(bytes);
      default -> throw new IllegalArgumentException("no AMQP type is named " + type);
    };
  }

  private static byte[] write(Map<String, Object> wrapped) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      new ValueWriter(new DataOutputStream(bytes)).writeTable(wrapped);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("into memory", e);
    }
  }

  private static @Nullable Object read(byte[] bytes) {
    try {
      return new ValueReader(new DataInputStream(new ByteArrayInputStream(bytes)))
          .readTable()
          .get(WRAPPED);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("not an AMQP table: " + e, e);
    }
  }
}
