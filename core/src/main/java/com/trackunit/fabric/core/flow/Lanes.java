// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Items in order per key: of each lane at most one item is out at a time, and lanes run side by
 * side. An item without a key has a lane to itself.
 *
 * <p>Every call costs constant time; memory is proportional to the items held and the lanes in use.
 * Not thread-safe.
 *
 * @param <T> what runs in the lanes
 */
public final class Lanes<T> {
  private record Ready<T>(@Nullable Object key, T item) {}

  // A lane is in the map while it has an item out or ready; what queues behind that one is the
  // value, or NOTHING, which is shared: most lanes never have a second item.
  private static final Deque<Object> NOTHING = new ArrayDeque<>(0);

  private final Map<Object, Deque<Object>> lanes = new HashMap<>();
  private final Deque<Ready<T>> ready = new ArrayDeque<>();
  private int queued;

  /** No lanes. */
  public Lanes() {}

  /**
   * Adds an item at the end of its lane.
   *
   * @param key the lane, compared with {@code equals}; null for a lane to itself
   * @param item what runs in it
   */
  public void add(@Nullable Object key, T item) {
    Objects.requireNonNull(item, "item");
    if (key == null) {
      ready.addLast(new Ready<>(null, item));
      return;
    }
    Deque<Object> behind = lanes.putIfAbsent(key, NOTHING);
    if (behind == null) {
      ready.addLast(new Ready<>(key, item));
      return;
    }
    if (behind == NOTHING) {
      behind = new ArrayDeque<>();
      lanes.put(key, behind);
    }
    behind.addLast(item);
    queued++;
  }

  /**
   * Takes the next item whose lane is free, oldest first; its lane is busy until {@link #free} or
   * {@link #again}.
   *
   * @return null if there is none
   */
  public @Nullable T poll() {
    Ready<T> next = ready.pollFirst();
    return next == null ? null : next.item();
  }

  /**
   * The item that was out is through: the next one of its lane may be taken.
   *
   * @param key as given to {@link #add}
   * @throws IllegalStateException if the lane has no item out
   */
  @SuppressWarnings("unchecked") // only add() fills the deques, and it takes a T
  public void free(@Nullable Object key) {
    if (key == null) {
      return;
    }
    Deque<Object> behind = lanes.get(key);
    if (behind == null) {
      throw new IllegalStateException("lanes: nothing is out in the lane that is freed");
    }
    Object next = behind.pollFirst();
    if (next == null) {
      lanes.remove(key);
    } else {
      queued--;
      ready.addLast(new Ready<>(key, (T) next));
    }
  }

  /**
   * The item that was out is to be taken once more, before everything else.
   *
   * @param key as given to {@link #add}
   * @param item the item
   */
  public void again(@Nullable Object key, T item) {
    ready.addFirst(new Ready<>(key, Objects.requireNonNull(item, "item")));
  }

  /**
   * Forgets every lane, busy or not.
   *
   * @return the items that were not out: the ready ones, oldest first, then those behind them
   */
  @SuppressWarnings("unchecked") // as in free()
  public List<T> clear() {
    List<T> left = new ArrayList<>(size());
    ready.forEach(one -> left.add(one.item()));
    lanes.values().forEach(behind -> behind.forEach(item -> left.add((T) item)));
    ready.clear();
    lanes.clear();
    queued = 0;
    return left;
  }

  /**
   * Whether {@link #poll} has something to give.
   *
   * @return true if an item is ready
   */
  public boolean hasReady() {
    return !ready.isEmpty();
  }

  /**
   * How many items are not out.
   *
   * @return ready ones and those behind them
   */
  public int size() {
    return ready.size() + queued;
  }
}
