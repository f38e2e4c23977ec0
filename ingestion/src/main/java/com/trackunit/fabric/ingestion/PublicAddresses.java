// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses that belong to the public Internet: not one of IANA's special-purpose registries
 * (RFC 6890), and none that a cloud answers its machines' metadata questions at.
 */
final class PublicAddresses {
  /** The addresses that begin with some bits. */
  private static final class Network {
    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
      this.prefix = prefix;
      this.bits = bits;
    }

    static Network of(int bits, int... bytes) {
      byte[] prefix = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        prefix[i] = (byte) bytes[i];
      }
      return new Network(prefix, bits);
    }

    boolean contains(byte[] address) {
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Network> SPECIAL_V4 =
      List.of(
          Network.of(8, 0), // this network
          Network.of(8, 10), // private, RFC 1918
          Network.of(10, 100, 64), // carrier grade and tailnets, RFC 6598; Alibaba's metadata
          Network.of(8, 127), // loopback
          Network.of(32, 168, 63, 129, 16), // Azure's host agent
          Network.of(16, 169, 254), // link-local; the usual metadata address
          Network.of(12, 172, 16), // private
          Network.of(24, 192, 0, 0), // protocol assignments; Oracle's metadata
          Network.of(24, 192, 0, 2), // documentation
          Network.of(24, 192, 88, 99), // 6to4 relays
          Network.of(16, 192, 168), // private
          Network.of(15, 198, 18), // benchmarks
          Network.of(24, 198, 51, 100), // documentation
          Network.of(24, 203, 0, 113), // documentation
          Network.of(3, 224)); // multicast, reserved, broadcast

  private static final Network GLOBAL_V6 = Network.of(3, 0x20);
  private static final Network NAT64 =
      Network.of(96, 0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0); // RFC 6052
  private static final Network SIX_TO_FOUR = Network.of(16, 0x20, 0x02); // RFC 3056
  private static final List<Network> SPECIAL_V6 =
      List.of(
          Network.of(23, 0x20, 0x01, 0), // protocol assignments, Teredo
          Network.of(32, 0x20, 0x01, 0x0D, 0xB8), // documentation
          Network.of(20, 0x3F, 0xFF, 0)); // documentation, RFC 9637

  private PublicAddresses() {}

  static boolean contain(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return isPublicV4(bytes);
    }
    // Both carry an IPv4 address, which is where the bytes would go.
    if (NAT64.contains(bytes)) {
      return isPublicV4(Arrays.copyOfRange(bytes, 12, 16));
    }
    if (SIX_TO_FOUR.contains(bytes)) {
      return isPublicV4(Arrays.copyOfRange(bytes, 2, 6));
    }
    return GLOBAL_V6.contains(bytes) && SPECIAL_V6.stream().noneMatch(net -> net.contains(bytes));
  }

  private static boolean isPublicV4(byte[] address) {
    return SPECIAL_V4.stream().noneMatch(net -> net.contains(address));
  }
}
