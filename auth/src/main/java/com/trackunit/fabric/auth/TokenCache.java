// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature has been verified, by the SHA-256 of their exact bytes. It saves the
 * signature and the parsing, nothing else: whoever gets a token from here asks the policy again.
 *
 * <p>Bounded in number, bytes and age. Each bucket of {@value #WAYS} slots takes what belongs there
 * and gives up its oldest; only bearers of good tokens can push others out. Where a token belongs,
 * its last characters tell: they are of the signature, as good as random in every verified token,
 * and a token whose end is not in the bucket is not hashed at all. A look-up takes no lock.
 * Thread-safe.
 */
final class TokenCache {
  static final int WAYS = 8;

  /** What one slot may cost on average; most tokens take about 5 kB, parsed and all. */
  private static final int BYTES_PER_SLOT = 8 * 1024;

  /** Text, claims and their map, as a multiple of the token's length. */
  private static final int WEIGHT_FACTOR = 4;

  /** Characters of six bits each that make up the end of a token. */
  private static final int END_LENGTH = 12;

  /** The JDK's own has no way to native code and back, which would cost more than the hash. */
  private static final @Nullable Provider JDK = Security.getProvider("SUN");

  private final AtomicReferenceArray<@Nullable Entry> slots;
  private final int bucketMask;
  private final Object[] locks;

  /**
   * A verified token.
   *
   * @param set the generation of keys that verified it
   * @param kid the key in that set
   * @param until when it must be verified anew, by the ticker
   */
  record Verified(AccessToken token, KeySet set, String kid, long until) {}

  private record Entry(int end, Hash hash, Verified verified, int weight) {}

  /** The SHA-256 of a token: four numbers, as an array compares by identity. */
  private record Hash(long first, long second, long third, long fourth) {}

  /**
   * @param maxTokens rounded up to whole buckets and a power of two of them
   */
  TokenCache(int maxTokens) {
    int buckets = Integer.highestOneBit(Math.max(1, (maxTokens + WAYS - 1) / WAYS) * 2 - 1);
    this.slots = new AtomicReferenceArray<>(buckets * WAYS);
    this.bucketMask = buckets - 1;
    this.locks = new Object[Math.min(buckets, 64)];
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new Object();
    }
  }

  /** A token that these keys have verified, not too long ago; null if it must be verified. */
  @Nullable Verified get(String token, KeySet keys, long now) {
    int end = end(token);
    Hash hash = null;
    int first = bucket(end) * WAYS;
    for (int slot = first; slot < first + WAYS; slot++) {
      Entry entry = slots.get(slot);
      if (entry == null || entry.end() != end) {
        continue;
      }
      hash = hash == null ? hash(token) : hash;
      if (entry.hash().equals(hash)) {
        return isFresh(entry.verified(), keys, now) ? entry.verified() : null;
      }
    }
    return null;
  }

  /** Keeps a token that was verified now, if it is not too large to be kept. */
  void put(String token, Verified verified, long now) {
    int weight = token.length() * WEIGHT_FACTOR;
    int budget = WAYS * BYTES_PER_SLOT;
    if (weight > budget / 2) {
      return;
    }
    Entry added = new Entry(end(token), hash(token), verified, weight);
    int bucket = bucket(added.end());
    int first = bucket * WAYS;
    synchronized (locks[bucket % locks.length]) {
      dropStale(first, added.hash(), verified.set(), now);
      int into = freeSlot(first);
      while (into < 0 || weight(first) + added.weight() > budget) {
        slots.set(oldest(first), null);
        into = freeSlot(first);
      }
      slots.set(into, added);
    }
  }

  private static Hash hash(String token) {
    try {
      MessageDigest digest =
          JDK == null
              ? MessageDigest.getInstance("SHA-256")
              : MessageDigest.getInstance("SHA-256", JDK);
      byte[] bytes = token.getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer hash = ByteBuffer.wrap(digest.digest(bytes));
      return new Hash(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static int end(String token) {
    int end = 0;
    for (int i = Math.max(0, token.length() - END_LENGTH); i < token.length(); i++) {
      end = end * 31 + token.charAt(i);
    }
    return end * 0x9E3779B9; // spreads what differs in few bits over all of them
  }

  private void dropStale(int first, Hash hash, KeySet keys, long now) {
    for (int slot = first; slot < first + WAYS; slot++) {
      Entry entry = slots.get(slot);
      if (entry != null && (entry.hash().equals(hash) || !isFresh(entry.verified(), keys, now))) {
        slots.set(slot, null);
      }
    }
  }

  private boolean isFresh(Verified verified, KeySet keys, long now) {
    return keys.isSameGeneration(verified.set()) && now - verified.until() < 0;
  }

  private int freeSlot(int first) {
    for (int slot = first; slot < first + WAYS; slot++) {
      if (slots.get(slot) == null) {
        return slot;
      }
    }
    return -1;
  }

  private int weight(int first) {
    int weight = 0;
    for (int slot = first; slot < first + WAYS; slot++) {
      Entry entry = slots.get(slot);
      weight += entry == null ? 0 : entry.weight();
    }
    return weight;
  }

  private int oldest(int first) {
    int oldest = first;
    Entry found = null;
    for (int slot = first; slot < first + WAYS; slot++) {
      Entry entry = slots.get(slot);
      if (entry != null
          && (found == null || entry.verified().until() - found.verified().until() < 0)) {
        found = entry;
        oldest = slot;
      }
    }
    return oldest;
  }

  private int bucket(int end) {
    return (end >>> 8) & bucketMask;
  }
}
