// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature has been verified, by the SHA-256 of their exact bytes. It saves the
 * signature and the parsing, nothing else: whoever gets a token from here asks the policy again.
 *
 * <p>Bounded in number, bytes and age. Each bucket of {@value #WAYS} slots takes what belongs there
 * and gives up its oldest; only bearers of good tokens can push others out. Where a token belongs,
 * a checksum tells: it covers the signature, so it is as good as random in every verified token,
 * and a token whose checksum is not in the bucket is not hashed at all. A look-up takes no lock.
 * Thread-safe.
 */
final class TokenCache {
  static final int WAYS = 8;

  /** What one slot may cost on average; most tokens take about 5 kB, parsed and all. */
  private static final int BYTES_PER_SLOT = 8 * 1024;

  /** Text, claims and their map, as a multiple of the token's length. */
  private static final int WEIGHT_FACTOR = 4;

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

  private record Entry(int checksum, Hash hash, Verified verified, int weight) {}

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
    byte[] bytes = bytes(token);
    int checksum = checksum(bytes);
    Hash hash = null;
    int first = bucket(checksum) * WAYS;
    for (int slot = first; slot < first + WAYS; slot++) {
      Entry entry = slots.get(slot);
      if (entry == null || entry.checksum() != checksum) {
        continue;
      }
      hash = hash == null ? hash(bytes) : hash;
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
    byte[] bytes = bytes(token);
    Entry added = new Entry(checksum(bytes), hash(bytes), verified, weight);
    int bucket = bucket(added.checksum());
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

  /** What does not fit a byte becomes a question mark, which no verified token holds. */
  private static byte[] bytes(String token) {
    return token.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Hash hash(byte[] bytes) {
    try {
      MessageDigest digest =
          JDK == null
              ? MessageDigest.getInstance("SHA-256")
              : MessageDigest.getInstance("SHA-256", JDK);
      ByteBuffer hash = ByteBuffer.wrap(digest.digest(bytes));
      return new Hash(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C(); // one instruction for eight bytes
    checksum.update(bytes, 0, bytes.length);
    return (int) checksum.getValue();
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

  private int bucket(int checksum) {
    return checksum & bucketMask;
  }
}
