// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;

/**
 * A block of addresses, as {@code 10.0.0.0/8} or {@code fc00::/7}. Immutable.
 *
 * @param family 4 or 6
 * @param first the block's first address, as a number
 * @param bits the length of the prefix
 */
record Cidr(int family, BigInteger first, int bits) implements Comparable<Cidr> {
  /**
   * Reads the usual form; address bits after the prefix do not count, as in the API.
   *
   * @throws IllegalArgumentException if it is no block
   */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? "" : text.substring(0, slash);
    String prefix = text.substring(slash + 1);
    // Only literals, so that no name is ever looked up.
    if (!address.matches("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")
        || !prefix.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("'" + text + "' is no CIDR block, such as 10.0.0.0/8");
    }
    int family = address.contains(":") ? 6 : 4;
    BigInteger first = new BigInteger(1, bytes(address, family, text));
    int bits = Integer.parseInt(prefix);
    if (bits > width(family)) {
      throw new IllegalArgumentException("'" + text + "' has a prefix of " + bits + " bits");
    }
    int rest = width(family) - bits;
    return new Cidr(family, first.shiftRight(rest).shiftLeft(rest), bits);
  }

  static int width(int family) {
    return family == 4 ? 32 : 128;
  }

  BigInteger size() {
    return BigInteger.ONE.shiftLeft(width(family) - bits);
  }

  BigInteger last() {
    return first.add(size()).subtract(BigInteger.ONE);
  }

  /** Whether the other one lies inside, or is the same. */
  boolean contains(Cidr other) {
    return family == other.family
        && first.compareTo(other.first) <= 0
        && last().compareTo(other.last()) >= 0;
  }

  @Override
  public int compareTo(Cidr other) {
    int byFamily = Integer.compare(family, other.family);
    int byAddress = byFamily != 0 ? byFamily : first.compareTo(other.first);
    return byAddress != 0 ? byAddress : Integer.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    return address(family, first) + "/" + bits;
  }

  /** An address in its usual form. */
  static String address(int family, BigInteger number) {
    byte[] bytes = new byte[width(family) / 8];
    byte[] raw = number.toByteArray();
    int length = Math.min(raw.length, bytes.length);
    System.arraycopy(raw, raw.length - length, bytes, bytes.length - length, length);
    if (family == 4) {
      return String.format(
          Locale.ROOT,
          "%d.%d.%d.%d",
          bytes[0] & 255,
          bytes[1] & 255,
          bytes[2] & 255,
          bytes[3] & 255);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length; i += 2) {
      text.append(i == 0 ? "" : ":")
          .append(Integer.toHexString(((bytes[i] & 255) << 8) | (bytes[i + 1] & 255)));
    }
    String groups = text.toString();
    String longest = "";
    for (String zeros = "0:0:0:0:0:0:0:0"; zeros.length() > 1; zeros = zeros.substring(2)) {
      if ((":" + groups + ":").contains(":" + zeros + ":")) {
        longest = zeros;
        break;
      }
    }
    return longest.isEmpty() ? groups : shorten(":" + groups + ":", ":" + longest + ":");
  }

  private static String shorten(String groups, String zeros) {
    int at = groups.indexOf(zeros);
    String before = groups.substring(Math.min(1, at), at);
    String after = groups.substring(at + zeros.length());
    return before + "::" + (after.isEmpty() ? "" : after.substring(0, after.length() - 1));
  }

  private static byte[] bytes(String address, int family, String text) {
    try {
      byte[] bytes = Objects.requireNonNull(InetAddress.getByName(address)).getAddress();
      if (family == 6 && bytes.length == 4) {
        // Java turns ::ffff:0:0/96 into IPv4.
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 255;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
      }
      return bytes;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + text + "' is no CIDR block", e);
    }
  }
}
