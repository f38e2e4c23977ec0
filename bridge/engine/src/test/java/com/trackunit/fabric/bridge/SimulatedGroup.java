// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's consumer group over one topic, as the worlds take it to behave; {@link BrokerTracesTest}
 * compares it with the real one.
 *
 * @param <C> a member
 */
class SimulatedGroup<C> {
  final Map<Integer, Long> committed = new HashMap<>();
  private final Map<Integer, C> owners = new HashMap<>();

  @Nullable C owner(int partition) {
    return owners.get(partition);
  }

  /** Where whoever is given this partition begins. */
  long assign(int partition, C member) {
    owners.put(partition, member);
    return committed.getOrDefault(partition, 0L);
  }

  /** Nobody reads it until it is assigned again. */
  void free(int partition) {
    owners.remove(partition);
  }

  List<Integer> partitionsOf(C member) {
    return owners.entrySet().stream()
        .filter(entry -> entry.getValue().equals(member))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  boolean owns(C member, Set<Integer> partitions) {
    return partitions.stream().allMatch(partition -> member.equals(owners.get(partition)));
  }

  /** False, and nothing is committed, for a member that does not own all of them any more. */
  boolean commit(C member, Map<Integer, Long> offsets) {
    if (!owns(member, offsets.keySet())) {
      return false;
    }
    committed.putAll(offsets);
    return true;
  }
}
