// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The member names that are read: to take them from bytes without making a text of each, and to
 * find others that differ from one of them in case alone, which some other reader may mix up.
 */
final class ReadNames {
  /** No name is read by itself. */
  static final ReadNames NONE = new ReadNames(Set.of());

  private final String[] names;

  /** By the five bits that case leaves of a first letter: the lengths of such names, a bit each. */
  private final long[] lengths = new long[32];

  /** By {@link #slot}, each in the first free one from its own on. */
  private final @Nullable String[] slots;

  ReadNames(Set<String> names) {
    this.names = names.stream().sorted().toArray(String[]::new);
    this.slots = new String[Integer.highestOneBit(names.size() + 1) * 4];
    for (String name : this.names) {
      lengths[name.charAt(0) & 31] |= 1L << name.length();
      int slot = slot(name.length(), name.charAt(0), name.charAt(name.length() - 1));
      while (slots[slot] != null) {
        slot = next(slot);
      }
      slots[slot] = name;
    }
  }

  /** The name that these ASCII characters are; null if it is none of them. */
  @Nullable String find(byte[] ascii, int from, int end) {
    if (from == end) {
      return null;
    }
    int slot = slot(end - from, ascii[from], ascii[end - 1]);
    for (String name = slots[slot]; name != null; name = slots[slot]) {
      if (isSame(name, ascii, from, end)) {
        return name;
      }
      slot = next(slot);
    }
    return null;
  }

  /**
   * The name that this one is, but for its case; null if there is none, or it is that very name.
   */
  @Nullable String twinOf(String other) {
    if (!mayHaveTwin(other)) {
      return null;
    }
    for (String name : names) {
      if (name.equalsIgnoreCase(other)) {
        return name.equals(other) ? null : name;
      }
    }
    return null;
  }

  /** Beyond ASCII some letters are others in another case, such as the Kelvin sign and k. */
  private boolean mayHaveTwin(String other) {
    if (other.isEmpty()) {
      return false;
    }
    char first = other.charAt(0);
    return first > 127 || (lengths[first & 31] >> other.length() & 1) != 0;
  }

  private static boolean isSame(String name, byte[] ascii, int from, int end) {
    if (name.length() != end - from) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) != ascii[from + i]) {
        return false;
      }
    }
    return true;
  }

  private int slot(int length, int first, int last) {
    return (length * 7 + first * 5 + last * 3) & (slots.length - 1);
  }

  private int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }

  @Override
  public String toString() {
    return "ReadNames" + Arrays.toString(names);
  }
}
