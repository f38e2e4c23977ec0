// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What the ledger remembers a message by: half of the SHA-256 of its id and body. Two of 131,072
 * messages share one with a probability below 2^-94.
 */
record Fingerprint(long high, long low) {
  static Fingerprint of(String messageId, byte[] body) {
    byte[] id = messageId.getBytes(StandardCharsets.UTF_8);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(id.length).array());
      digest.update(id);
      ByteBuffer hash = ByteBuffer.wrap(digest.digest(body));
      return new Fingerprint(hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
