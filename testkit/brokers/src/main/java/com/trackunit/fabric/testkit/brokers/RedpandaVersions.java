// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The highest version of each request that Redpanda is taken to answer; what it does not answer at
 * all is not in it. Partly from its sources, the rest an estimate on the low side: a client that
 * works with these works with higher ones, and no Redpanda was at hand to ask.
 */
final class RedpandaVersions {
  private static final Map<Integer, Integer> HIGHEST = highest();

  private RedpandaVersions() {}

  private static Map<Integer, Integer> highest() {
    int[][] table = {
      {0, 7}, // Produce
      {1, 11}, // Fetch
      {2, 3}, // ListOffsets
      {3, 7}, // Metadata
      {8, 7}, // OffsetCommit
      {9, 7}, // OffsetFetch
      {10, 2}, // FindCoordinator
      {11, 5}, // JoinGroup
      {12, 3}, // Heartbeat
      {13, 3}, // LeaveGroup
      {14, 3}, // SyncGroup
      {15, 4}, // DescribeGroups
      {16, 3}, // ListGroups
      {17, 1}, // SaslHandshake
      {18, 3}, // ApiVersions
      {19, 5}, // CreateTopics
      {20, 4}, // DeleteTopics
      {21, 2}, // DeleteRecords
      {22, 1}, // InitProducerId
      {23, 3}, // OffsetForLeaderEpoch
      {24, 1}, // AddPartitionsToTxn
      {25, 1}, // AddOffsetsToTxn
      {26, 1}, // EndTxn
      {28, 3}, // TxnOffsetCommit
      {29, 1}, // DescribeAcls
      {30, 1}, // CreateAcls
      {31, 1}, // DeleteAcls
      {32, 2}, // DescribeConfigs
      {33, 1}, // AlterConfigs
      {36, 2}, // SaslAuthenticate
      {37, 1}, // CreatePartitions
      {42, 1}, // DeleteGroups
      {44, 1}, // IncrementalAlterConfigs
      {60, 0} // DescribeCluster
    };
    Map<Integer, Integer> highest = new HashMap<>();
    for (int[] row : table) {
      highest.put(row[0], row[1]);
    }
    return Map.copyOf(highest);
  }

  /**
   * An answer to ApiVersions without what Redpanda does not know.
   *
   * @param frame correlation id and body, as the broker sent it
   * @param version of the request
   */
  static byte[] clamp(byte[] frame, int version) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(frame);
    int correlation = in.getInt();
    short error = in.getShort();
    // A version that the broker does not know is answered in the form of version 0.
    boolean isFlexible = version >= 3 && error == 0;
    int count = isFlexible ? unsignedVarint(in) - 1 : in.getInt();
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    DataOutputStream rows = new DataOutputStream(kept);
    int keptCount = 0;
    for (int i = 0; i < count; i++) {
      int key = in.getShort();
      short min = in.getShort();
      int max = in.getShort();
      if (isFlexible) {
        skipTags(in);
      }
      int highest = Math.min(max, HIGHEST.getOrDefault(key, -1));
      if (highest >= min) {
        keptCount++;
        rows.writeShort(key);
        rows.writeShort(min);
        rows.writeShort(highest);
        if (isFlexible) {
          rows.writeByte(0);
        }
      }
    }
    return frame(in, new Head(correlation, error, isFlexible, version), keptCount, kept);
  }

  private record Head(int correlation, short error, boolean isFlexible, int version) {}

  private static byte[] frame(ByteBuffer rest, Head head, int count, ByteArrayOutputStream rows)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(head.correlation());
    out.writeShort(head.error());
    if (head.isFlexible()) {
      writeUnsignedVarint(out, count + 1);
    } else {
      out.writeInt(count);
    }
    rows.writeTo(out);
    if (head.version() >= 1 && rest.remaining() >= 4) {
      out.writeInt(rest.getInt()); // throttle time
    }
    if (head.isFlexible()) {
      out.writeByte(0); // no tagged fields: Redpanda tells of no features
    }
    return bytes.toByteArray();
  }

  private static void skipTags(ByteBuffer in) {
    for (int tags = unsignedVarint(in); tags > 0; tags--) {
      int unusedTag = unsignedVarint(in);
      int size = unsignedVarint(in);
      in.position(in.position() + size);
    }
  }

  private static int unsignedVarint(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static void writeUnsignedVarint(DataOutputStream out, int value) throws IOException {
    int rest = value;
    while (rest > 0x7F) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
