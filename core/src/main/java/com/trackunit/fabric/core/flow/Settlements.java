// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is outstanding, in order, and what is settled without a gap. It serves publisher confirms
 * (position = sequence number), acknowledgements (delivery tag) and offsets alike.
 *
 * <p>Positions are registered in rising order, with gaps allowed (compacted topics have them), and
 * settled in any order, singly or all up to one. {@link #settledThrough()} passes a position only
 * when it and every earlier one are settled: it is what may be committed.
 *
 * <p>Registering costs constant time and settling one entry a binary search; memory is proportional
 * to the distance between the lowest unsettled entry and the newest. Not thread-safe.
 *
 * @param <T> what is kept for each position until it is settled
 */
public final class Settlements<T> {
  private static final int INITIAL_CAPACITY = 64;

  // A ring over the entries from the lowest unsettled one to the newest. A settled entry keeps its
  // position and loses its payload.
  private long[] positions = new long[INITIAL_CAPACITY];
  private @Nullable Object[] payloads = new @Nullable Object[INITIAL_CAPACITY];
  private int head;
  private int size;
  private int outstanding;
  private long settledThrough;
  private boolean anySettled;
  private long lastRegistered;
  private boolean anyRegistered;

  /** Nothing outstanding. */
  public Settlements() {}

  /**
   * Adds an entry that waits to be settled.
   *
   * @param position above every position registered before
   * @param payload what to hand back when it is settled
   * @throws IllegalArgumentException if the position does not rise
   */
  public void register(long position, T payload) {
    append(position, Objects.requireNonNull(payload, "payload"));
    outstanding++;
  }

  /**
   * Adds an entry that is settled already: it only takes its place among the others.
   *
   * @param position above every position registered before
   * @throws IllegalArgumentException if the position does not rise
   */
  public void skip(long position) {
    append(position, null);
    dropSettledHead();
  }

  private void append(long position, @Nullable Object payload) {
    if (anyRegistered && position <= lastRegistered) {
      throw new IllegalArgumentException(
          "settlements: position " + position + " registered after " + lastRegistered);
    }
    if (size == positions.length) {
      grow();
    }
    int slot = slot(size);
    positions[slot] = position;
    payloads[slot] = payload;
    size++;
    lastRegistered = position;
    anyRegistered = true;
  }

  /**
   * Looks at one entry without settling it.
   *
   * @param position a registered position
   * @return its payload, or null if it is not outstanding
   */
  public @Nullable T find(long position) {
    int index = indexOf(position);
    return index < 0 ? null : payloadAt(slot(index));
  }

  /**
   * Settles one entry.
   *
   * @param position a registered position
   * @return its payload, or null if it is not outstanding (never registered, or settled before)
   */
  public @Nullable T settle(long position) {
    int index = indexOf(position);
    if (index < 0) {
      return null;
    }
    T payload = take(index);
    dropSettledHead();
    return payload;
  }

  /**
   * Settles every outstanding entry up to and including a position, as AMQP's {@code multiple} flag
   * says it.
   *
   * @param position need not be registered itself
   * @return the payloads in order of their positions; empty if nothing was outstanding
   */
  public List<T> settleThrough(long position) {
    List<T> settled = new ArrayList<>();
    for (int index = 0; index < size && positions[slot(index)] <= position; index++) {
      T payload = take(index);
      if (payload != null) {
        settled.add(payload);
      }
    }
    dropSettledHead();
    return settled;
  }

  /**
   * The highest position that is settled with no unsettled one below it.
   *
   * @return empty until the first registered entry is settled
   */
  public OptionalLong settledThrough() {
    return anySettled ? OptionalLong.of(settledThrough) : OptionalLong.empty();
  }

  /**
   * The lowest position still outstanding.
   *
   * @return empty if nothing is outstanding
   */
  public OptionalLong lowestOutstanding() {
    return size == 0 ? OptionalLong.empty() : OptionalLong.of(positions[head]);
  }

  /**
   * How many entries are outstanding.
   *
   * @return zero or more
   */
  public int outstanding() {
    return outstanding;
  }

  /**
   * The payloads of the outstanding entries, in order of their positions.
   *
   * @return a copy
   */
  public List<T> outstandingPayloads() {
    List<T> payloadsInOrder = new ArrayList<>(outstanding);
    for (int index = 0; index < size; index++) {
      T payload = payloadAt(slot(index));
      if (payload != null) {
        payloadsInOrder.add(payload);
      }
    }
    return payloadsInOrder;
  }

  @SuppressWarnings("unchecked") // only register() writes payloads, and it takes a T
  private @Nullable T payloadAt(int slot) {
    return (T) payloads[slot];
  }

  private @Nullable T take(int index) {
    int slot = slot(index);
    T payload = payloadAt(slot);
    if (payload != null) {
      payloads[slot] = null;
      outstanding--;
    }
    return payload;
  }

  private void dropSettledHead() {
    while (size > 0 && payloads[head] == null) {
      settledThrough = positions[head];
      anySettled = true;
      head = slot(1);
      size--;
    }
  }

  private int indexOf(long position) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long seen = positions[slot(middle)];
      if (seen == position) {
        return middle;
      }
      if (seen < position) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private int slot(int index) {
    return (head + index) & (positions.length - 1);
  }

  private void grow() {
    long[] morePositions = new long[positions.length * 2];
    @Nullable Object[] morePayloads = new @Nullable Object[positions.length * 2];
    for (int index = 0; index < size; index++) {
      morePositions[index] = positions[slot(index)];
      morePayloads[index] = payloads[slot(index)];
    }
    positions = morePositions;
    payloads = morePayloads;
    head = 0;
  }
}
