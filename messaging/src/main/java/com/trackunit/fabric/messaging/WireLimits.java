// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What AMQP 0-9-1 can encode (section 4.2.5, with RabbitMQ's field types), checked before a message
 * gets a sequence number: amqp-client finds out afterwards, and from then on every confirm of the
 * channel would be off by one.
 */
final class WireLimits {
  /** The longest short string, in bytes of UTF-8. */
  static final int MAX_SHORT_STRING = 255;

  private static final int MAX_DEPTH = 64;
  // Frame header and end octet (8), then class, weight, body size and flags of a content header.
  private static final long FRAME_OVERHEAD = 8 + 14;

  private WireLimits() {}

  /**
   * Refuses a message that cannot be encoded.
   *
   * @param frameMax the largest frame of the connection in bytes, 0 for no bound
   * @throws IllegalArgumentException naming the part, its value and the bound
   */
  static void check(
      String exchange, String routingKey, AMQP.BasicProperties properties, int frameMax) {
    shortString("exchange", exchange);
    shortString("routing key", routingKey);
    long size = FRAME_OVERHEAD;
    size += shortString("content type", properties.getContentType());
    size += shortString("content encoding", properties.getContentEncoding());
    size += shortString("correlation-id property", properties.getCorrelationId());
    size += shortString("reply-to", properties.getReplyTo());
    size += shortString("expiration", properties.getExpiration());
    size += shortString("message id", properties.getMessageId());
    size += shortString("type", properties.getType());
    size += shortString("user id", properties.getUserId());
    size += shortString("app id", properties.getAppId());
    size += shortString("cluster id", properties.getClusterId());
    size += 10; // delivery mode, priority, timestamp
    Map<String, Object> headers = properties.getHeaders();
    if (headers != null) {
      size += table("header", headers, 0);
    }
    if (frameMax > 0 && size > frameMax) {
      throw new IllegalArgumentException(
          "message: properties and headers take "
              + size
              + " bytes, expected at most "
              + frameMax
              + " (one frame of this connection); move data from the headers into the body");
    }
  }

  /** The length in UTF-8, where an unpaired surrogate is one byte, as {@code getBytes} has it. */
  static int utf8Length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        length++;
      } else if (c < 0x800) {
        length += 2;
      } else if (!Character.isSurrogate(c)) {
        length += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        length += 4;
        i++;
      } else {
        length++;
      }
    }
    return length;
  }

  private static int shortString(String part, @Nullable String value) {
    if (value == null) {
      return 0;
    }
    int length = utf8Length(value);
    if (length > MAX_SHORT_STRING) {
      throw new IllegalArgumentException(
          "message: "
              + part
              + " is "
              + length
              + " bytes of UTF-8, expected at most "
              + MAX_SHORT_STRING);
    }
    return 1 + length;
  }

  private static long table(String path, Map<?, ?> table, int depth) {
    long size = 4;
    for (Map.Entry<?, ?> entry : table.entrySet()) {
      if (!(entry.getKey() instanceof String name)) {
        throw new IllegalArgumentException(
            "message: " + path + " has a name that is no text: " + entry.getKey());
      }
      size += shortString("name of " + path, name);
      size += value(path, name, entry.getValue(), depth);
    }
    return size;
  }

  private static long list(String path, List<?> items, int depth) {
    long size = 4;
    for (Object item : items) {
      size += value(path, "[]", item, depth);
    }
    return size;
  }

  /** One octet for the type, and the value. */
  private static long value(String path, String name, @Nullable Object value, int depth) {
    if (value == null) {
      return 1;
    } else if (value instanceof String text) {
      return 5L + utf8Length(text);
    } else if (value instanceof LongString text) {
      return 5L + text.length();
    } else if (value instanceof byte[] bytes) {
      return 5L + bytes.length;
    } else if (value instanceof Integer || value instanceof Float) {
      return 5;
    } else if (value instanceof Long || value instanceof Double || value instanceof Date) {
      return 9;
    } else if (value instanceof Boolean || value instanceof Byte) {
      return 2;
    } else if (value instanceof Short) {
      return 3;
    } else if (value instanceof BigDecimal decimal) {
      return decimal(path + " '" + name + "'", decimal);
    }
    return nested(path + " '" + name + "'", value, depth + 1);
  }

  private static long nested(String path, Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "message: " + path + " is nested deeper than " + MAX_DEPTH + " levels, or holds itself");
    }
    if (value instanceof Map<?, ?> map) {
      return 1 + table(path, map, depth);
    } else if (value instanceof List<?> items) {
      return 1 + list(path, items, depth);
    } else if (value instanceof Object[] items) {
      return 1 + list(path, Arrays.asList(items), depth);
    }
    throw new IllegalArgumentException(
        "message: "
            + path
            + " is a "
            + value.getClass().getName()
            + ", expected a text, boolean, number, byte array, Date, list or map"
            + " (the field types of AMQP 0-9-1)");
  }

  private static long decimal(String path, BigDecimal decimal) {
    if (decimal.scale() < 0 || decimal.scale() > 255 || decimal.unscaledValue().bitLength() > 31) {
      throw new IllegalArgumentException(
          "message: "
              + path
              + " is "
              + decimal
              + ", expected a scale of 0 to 255 and an unscaled value of 32 bits; send it as text");
    }
    return 6;
  }
}
