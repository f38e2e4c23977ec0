// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
import java.security.InvalidParameterException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SignatureSpi;

/**
 * Takes a hash with a secret for an RS256 signature. A fuzzer that signs what it made up tries more
 * than a hundred times as many tokens with it, and still cannot forge one.
 */
final class CheapSignatures extends Provider {
  private static final long serialVersionUID = 1L;
  private static final byte[] SECRET = "no input holds this".getBytes(StandardCharsets.US_ASCII);

  CheapSignatures() {
    super("cheap", "1", "hashes in the place of RSA signatures, for fuzzing");
    put("Signature.SHA256withRSA", Engine.class.getName());
  }

  static byte[] sign(byte[] covered) {
    MessageDigest digest = digest();
    digest.update(covered);
    return digest.digest();
  }

  private static MessageDigest digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(SECRET);
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the JDK makes; public for it. */
  public static final class Engine extends SignatureSpi {
    private MessageDigest digest = digest();

    @Override
    protected void engineInitVerify(PublicKey key) {
      digest = digest();
    }

    @Override
    protected void engineUpdate(byte b) {
      digest.update(b);
    }

    @Override
    protected void engineUpdate(byte[] bytes, int offset, int length) {
      digest.update(bytes, offset, length);
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      boolean isOurs = MessageDigest.isEqual(digest.digest(), signature);
      digest = digest();
      return isOurs;
    }

    @Override
    protected void engineInitSign(PrivateKey key) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected byte[] engineSign() {
      throw new UnsupportedOperationException();
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {
      throw new InvalidParameterException();
    }

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
      throw new InvalidParameterException();
    }
  }
}
