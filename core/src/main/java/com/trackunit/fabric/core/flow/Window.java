// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

/**
 * What may be in flight at once, bounded by count and by bytes. It holds no message; it only
 * counts.
 *
 * <p>One entry always fits into an empty window, however large it is: a message bigger than the
 * byte bound passes alone instead of never. Not thread-safe.
 */
public final class Window {
  private final int maxCount;
  private final long maxBytes;
  private int count;
  private long bytes;

  /**
   * An empty window.
   *
   * @param maxCount the most entries in flight; at least 1
   * @param maxBytes the most bytes in flight; at least 1
   * @throws IllegalArgumentException if a bound is less than 1
   */
  public Window(int maxCount, long maxBytes) {
    if (maxCount < 1) {
      throw new IllegalArgumentException("window: maxCount is " + maxCount + ", expected >= 1");
    }
    if (maxBytes < 1) {
      throw new IllegalArgumentException("window: maxBytes is " + maxBytes + ", expected >= 1");
    }
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  /**
   * Takes a place, if there is one.
   *
   * @param size the entry's size in bytes; zero or more
   * @return true if the entry is in flight now; false if it has to wait
   * @throws IllegalArgumentException if the size is negative
   */
  public boolean tryEnter(long size) {
    requireSize(size);
    if (count > 0 && (count >= maxCount || bytes + size > maxBytes)) {
      return false;
    }
    count++;
    bytes += size;
    return true;
  }

  /**
   * Gives a place back.
   *
   * @param size the size given to {@link #tryEnter}
   * @throws IllegalStateException if more leaves than entered
   */
  public void leave(long size) {
    requireSize(size);
    if (count == 0 || size > bytes) {
      throw new IllegalStateException(
          "window: " + size + " bytes leave, but only " + count + " entries are in flight");
    }
    count--;
    bytes -= size;
  }

  /** Forgets everything in flight: the epoch it belonged to is over. */
  public void clear() {
    count = 0;
    bytes = 0;
  }

  /**
   * Whether not even an empty entry would fit.
   *
   * @return true if the source should be paused
   */
  public boolean isFull() {
    return count >= maxCount || bytes >= maxBytes;
  }

  /**
   * Whether the window has room for its sources to go on: one part of it in so many is free.
   * Resuming at the first free place would pause and resume for every message.
   *
   * @param parts 2 for half of the window, 8 for an eighth; a window of fewer places is free when
   *     one is
   * @return true if a paused source should be resumed
   */
  public boolean isFree(int parts) {
    return count <= maxCount - Math.max(1, maxCount / parts)
        && bytes <= maxBytes - Math.max(1, maxBytes / parts);
  }

  /** The most entries in flight. */
  public int maxCount() {
    return maxCount;
  }

  /**
   * Entries in flight.
   *
   * @return zero or more
   */
  public int count() {
    return count;
  }

  /**
   * Bytes in flight.
   *
   * @return zero or more
   */
  public long bytes() {
    return bytes;
  }

  private static void requireSize(long size) {
    if (size < 0) {
      throw new IllegalArgumentException("window: size is " + size + ", expected >= 0");
    }
  }
}
