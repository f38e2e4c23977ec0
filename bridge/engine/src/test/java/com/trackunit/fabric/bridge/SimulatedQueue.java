// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * RabbitMQ's quorum queue with a single active consumer, as the worlds take it to behave; {@link
 * BrokerTracesTest} compares it with the real one. Messages are their numbers, in the order in
 * which they were published.
 *
 * @param <C> who consumes
 */
class SimulatedQueue<C> {
  /** A message on its way to a consumer. */
  record Delivered(long tag, int message, boolean isRedelivered) {}

  private static final class Subscription {
    final int prefetch;
    final TreeMap<Long, Integer> unacked = new TreeMap<>();
    long tag;

    Subscription(int prefetch) {
      this.prefetch = prefetch;
    }
  }

  final TreeSet<Integer> ready = new TreeSet<>();
  final List<Integer> back = new ArrayList<>();
  private final Set<Integer> delivered = new HashSet<>();
  private final Map<C, Subscription> subscriptions = new LinkedHashMap<>();

  void publish(int message) {
    ready.add(message);
  }

  void consume(C consumer, int prefetch) {
    subscriptions.put(consumer, new Subscription(prefetch));
  }

  boolean isConsuming(C consumer) {
    return subscriptions.containsKey(consumer);
  }

  /** Who gets the messages while the others stand by. */
  @Nullable C active() {
    return subscriptions.isEmpty() ? null : consumers().get(0);
  }

  /** Everybody who consumes, in the order in which they came. */
  List<C> consumers() {
    return List.copyOf(subscriptions.keySet());
  }

  /** Hands the next message to a consumer, if there is one and its prefetch allows it. */
  @Nullable Delivered deliver(C to) {
    Subscription subscription = of(to);
    if (subscription.unacked.size() >= subscription.prefetch) {
      return null;
    }
    Integer next = ready.pollFirst();
    if (next == null) {
      if (back.isEmpty()) {
        return null;
      }
      next = back.remove(0);
    }
    long tag = ++subscription.tag;
    subscription.unacked.put(tag, next);
    return new Delivered(tag, next, isRedelivered(next));
  }

  /** Whether it was on its way to anybody before; it is now. */
  boolean isRedelivered(int message) {
    return !delivered.add(message);
  }

  /** What an ack with this tag is about; whoever removes it there has acknowledged it. */
  SortedMap<Long, Integer> outstanding(C consumer, long tag, boolean multiple) {
    TreeMap<Long, Integer> unacked = of(consumer).unacked;
    return multiple ? unacked.headMap(tag, true) : unacked.subMap(tag, true, tag, true);
  }

  boolean holds(C consumer, long tag) {
    return isConsuming(consumer) && of(consumer).unacked.containsKey(tag);
  }

  /** Nack with requeue, which an ordered route never does: to the back. */
  void requeue(C consumer, long tag) {
    Integer message = of(consumer).unacked.remove(tag);
    if (message != null) {
      back.add(message);
    }
  }

  /** The consumer's channel is gone: what it had goes back to its place. */
  boolean close(C consumer) {
    Subscription gone = subscriptions.remove(consumer);
    if (gone == null) {
      return false;
    }
    putBack(List.copyOf(gone.unacked.values()));
    return true;
  }

  void putBack(List<Integer> messages) {
    ready.addAll(messages);
  }

  private Subscription of(C consumer) {
    Subscription subscription = subscriptions.get(consumer);
    if (subscription == null) {
      throw new IllegalStateException(consumer + " does not consume");
    }
    return subscription;
  }
}
