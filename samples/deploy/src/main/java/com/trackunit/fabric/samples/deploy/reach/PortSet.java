// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** A set of ports, each of one protocol. Immutable. */
final class PortSet {
  static final int FIRST = 1;
  static final int LAST = 65535;
  static final PortSet NONE = new PortSet(Map.of());
  static final PortSet ALL =
      range(Protocol.TCP, FIRST, LAST)
          .or(range(Protocol.UDP, FIRST, LAST))
          .or(range(Protocol.SCTP, FIRST, LAST));

  private final Map<Protocol, BitSet> ports;

  private PortSet(Map<Protocol, BitSet> ports) {
    this.ports = ports;
  }

  /** All ports from the first to the last, both included. */
  static PortSet range(Protocol protocol, int first, int last) {
    BitSet set = new BitSet(last + 1);
    set.set(first, last + 1);
    return new PortSet(Map.of(protocol, set));
  }

  PortSet or(PortSet other) {
    return combined(other, BitSet::or);
  }

  PortSet and(PortSet other) {
    return combined(other, BitSet::and);
  }

  PortSet without(PortSet other) {
    return combined(other, BitSet::andNot);
  }

  boolean contains(Protocol protocol, int port) {
    BitSet set = ports.get(protocol);
    return set != null && set.get(port);
  }

  boolean isEmpty() {
    return ports.isEmpty();
  }

  /** As {@code TCP 80, 8000-8010}; {@code all ports} for all of them. */
  @Override
  public String toString() {
    if (equals(ALL)) {
      return "all ports";
    }
    return ports.isEmpty()
        ? "nothing"
        : ports.entrySet().stream()
            .map(entry -> entry.getKey() + " " + ranges(entry.getValue()))
            .collect(Collectors.joining("; "));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PortSet set && ports.equals(set.ports);
  }

  @Override
  public int hashCode() {
    return ports.hashCode();
  }

  private PortSet combined(PortSet other, BiConsumer<BitSet, BitSet> operation) {
    Map<Protocol, BitSet> result = new EnumMap<>(Protocol.class);
    for (Protocol protocol : Protocol.values()) {
      BitSet set = copy(protocol);
      operation.accept(set, other.copy(protocol));
      if (!set.isEmpty()) {
        result.put(protocol, set);
      }
    }
    return new PortSet(result);
  }

  private BitSet copy(Protocol protocol) {
    BitSet copy = new BitSet();
    BitSet set = ports.get(protocol);
    if (set != null) {
      copy.or(set);
    }
    return copy;
  }

  private static String ranges(BitSet set) {
    List<String> ranges = new ArrayList<>();
    for (int first = set.nextSetBit(0); first >= 0; ) {
      int last = set.nextClearBit(first) - 1;
      ranges.add(first == last ? String.valueOf(first) : first + "-" + last);
      first = set.nextSetBit(last + 1);
    }
    return String.join(", ", ranges);
  }
}
