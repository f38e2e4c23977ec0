// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A published key, built once, with engines that are ready to verify with it. Thread-safe. */
final class SigningKey {
  /** As many threads verify at once without making an engine each time; a power of two. */
  private static final int MAX_IDLE =
      Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 2 - 1) * 2;

  private final String kid;
  private final RSAPublicKey publicKey;
  private final @Nullable SignatureAlgorithm algorithm;
  private final @Nullable String issuer;
  private final @Nullable String cloud;

  private final AtomicReferenceArray<@Nullable Engine> idle = new AtomicReferenceArray<>(MAX_IDLE);

  /** A signature engine with this key, of one thread at a time. */
  private record Engine(SignatureAlgorithm algorithm, Signature signature) {}

  /**
   * @param kid its name
   * @param publicKey RSA, at least 2048 bits
   * @param algorithm the only one it is for; null if the set does not say, which is usual
   * @param issuer whose tokens it signs, with or without a placeholder for the tenant; null if the
   *     set does not say
   * @param cloud the instance of Entra ID that it belongs to; null if the set does not say
   */
  SigningKey(
      String kid,
      RSAPublicKey publicKey,
      @Nullable SignatureAlgorithm algorithm,
      @Nullable String issuer,
      @Nullable String cloud) {
    this.kid = kid;
    this.publicKey = publicKey;
    this.algorithm = algorithm;
    this.issuer = issuer;
    this.cloud = cloud;
  }

  String kid() {
    return kid;
  }

  RSAPublicKey publicKey() {
    return publicKey;
  }

  @Nullable SignatureAlgorithm algorithm() {
    return algorithm;
  }

  @Nullable String issuer() {
    return issuer;
  }

  @Nullable String cloud() {
    return cloud;
  }

  /** Whether a token's signature is this key's. */
  boolean verifies(CompactToken token, SignatureRules rules) {
    if (algorithm != null && algorithm != token.algorithm()) {
      throw new InvalidTokenException(
          Reason.ALGORITHM_REFUSED, "the key is published for another alg than the header's");
    }
    // Threads meet in a slot only if there are more of them than slots, or by chance.
    int slot = (int) Thread.currentThread().getId() & (MAX_IDLE - 1);
    try {
      Engine engine = idle.getAndSet(slot, null);
      if (engine == null || engine.algorithm() != token.algorithm()) {
        engine = engine(token.algorithm(), rules);
      }
      boolean isOurs = token.isSignedBy(engine.signature());
      // verify() leaves it as it was after initVerify(); what threw is in no known state and goes.
      idle.set(slot, engine);
      return isOurs;
    } catch (SignatureException notEvenASignature) {
      return false;
    }
  }

  private Engine engine(SignatureAlgorithm of, SignatureRules rules) throws SignatureException {
    try {
      Signature signature = rules.engine(of);
      signature.initVerify(publicKey);
      return new Engine(of, signature);
    } catch (GeneralSecurityException keyDoesNotFit) {
      throw new SignatureException(keyDoesNotFit);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SigningKey that
        && kid.equals(that.kid)
        && publicKey.equals(that.publicKey)
        && algorithm == that.algorithm
        && Objects.equals(issuer, that.issuer)
        && Objects.equals(cloud, that.cloud);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kid, publicKey, algorithm, issuer, cloud);
  }

  @Override
  public String toString() {
    return "SigningKey[" + kid + ", " + issuer + "]";
  }
}
