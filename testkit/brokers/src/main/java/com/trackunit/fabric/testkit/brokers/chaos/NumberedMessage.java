// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.testkit.brokers.Ledger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One message of a {@link NumberedSender}: its place says who it is.
 *
 * @param key what it is in order with
 * @param sequence its place in that order, from 1
 */
public record NumberedMessage(String key, long sequence) {
  private static final byte FILLING = ' ';

  /**
   * Reads a body.
   *
   * @param body as it was sent
   * @return the message
   * @throws IllegalArgumentException if it is none of a sender's
   */
  public static NumberedMessage of(byte[] body) {
    String id = new String(body, StandardCharsets.US_ASCII).stripTrailing();
    int dash = id.lastIndexOf('-');
    if (dash < 1) {
      throw new IllegalArgumentException("body is '" + id + "', expected KEY-SEQUENCE");
    }
    return new NumberedMessage(id.substring(0, dash), Long.parseLong(id.substring(dash + 1)));
  }

  /**
   * Key and sequence, unique.
   *
   * @return such as {@code ordered-3-17}
   */
  public String id() {
    return key + "-" + sequence;
  }

  /**
   * The id, filled up.
   *
   * @param bytes how long at least
   * @return a new body
   */
  public byte[] body(int bytes) {
    byte[] id = id().getBytes(StandardCharsets.US_ASCII);
    byte[] body = Arrays.copyOf(id, Math.max(id.length, bytes));
    Arrays.fill(body, id.length, body.length, FILLING);
    return body;
  }

  /**
   * Tells a ledger that a message has come out.
   *
   * @param ledger the arm's
   * @param body as it came
   * @throws IllegalArgumentException if it is none of a sender's
   */
  public static void seen(Ledger ledger, byte[] body) {
    NumberedMessage message = of(body);
    ledger.seen(message.id(), message.key(), message.sequence());
  }
}
