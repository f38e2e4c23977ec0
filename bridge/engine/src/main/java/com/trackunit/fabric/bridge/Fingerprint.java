// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What the ledger remembers a message by: half of the SHA-256 of its queue, id and body. Two of
 * 131,072 messages share one with a probability below 2^-94.
 */
record Fingerprint(long high, long low) {
  /** Of a message that has no id: in the ledger it only takes its place. */
  static final Fingerprint NONE = new Fingerprint(0, 0);

  static Fingerprint of(String queue, String messageId, byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      update(digest, queue);
      update(digest, messageId);
      ByteBuffer hash = ByteBuffer.wrap(digest.digest(body));
      return new Fingerprint(hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** With its length in front, so that no two pairs of texts look the same. */
  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
