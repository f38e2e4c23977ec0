// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Headers of verified tokens, read once. All tokens of a key have the same header, character for
 * character, and what it says depends on nothing else but the rules, so one of them serves for all.
 * Only who bears a good token can add one. Bounded; no lock; thread-safe.
 */
final class KnownHeaders {
  private static final int SLOTS = 16; // a power of two; a tenant's tokens are signed by few keys

  /** Characters at the end that tell headers apart: the key's name is there, or the algorithm's. */
  private static final int TELLING = 16;

  private final AtomicReferenceArray<@Nullable Known> slots = new AtomicReferenceArray<>(SLOTS);

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(byte[] chars, CompactToken.Header header) {}

  /** What the header says that ends there; null if none like it is known. */
  CompactToken.@Nullable Header find(byte[] token, int headerEnd) {
    Known known = slots.get(slot(token, headerEnd));
    return known != null
            && Arrays.equals(known.chars(), 0, known.chars().length, token, 0, headerEnd)
        ? known.header()
        : null;
  }

  /** Keeps the header of a token that was verified, in the place of another one. */
  void add(byte[] token, int headerEnd, CompactToken.Header header) {
    slots.set(slot(token, headerEnd), new Known(Arrays.copyOf(token, headerEnd), header));
  }

  private static int slot(byte[] token, int headerEnd) {
    int slot = headerEnd;
    for (int i = Math.max(0, headerEnd - TELLING); i < headerEnd; i++) {
      slot = slot * 31 + token[i];
    }
    return slot & (SLOTS - 1);
  }
}
