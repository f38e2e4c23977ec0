// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * A published key, built once.
 *
 * @param kid its name
 * @param publicKey RSA, at least 2048 bits
 * @param algorithm the only one it is for; null if the set does not say, which is usual
 * @param issuer whose tokens it signs, with or without a placeholder for the tenant; null if the
 *     set does not say
 * @param cloud the instance of Entra ID that it belongs to; null if the set does not say
 */
record SigningKey(
    String kid,
    RSAPublicKey publicKey,
    @Nullable SignatureAlgorithm algorithm,
    @Nullable String issuer,
    @Nullable String cloud) {

  /** Whether a token's signature is this key's. */
  boolean verifies(CompactToken token, SignatureRules rules) {
    if (algorithm != null && algorithm != token.algorithm()) {
      throw new InvalidTokenException(
          Reason.ALGORITHM_REFUSED, "the key is published for another alg than the header's");
    }
    try {
      Signature engine = rules.engine(token.algorithm());
      engine.initVerify(publicKey);
      engine.update(token.signed());
      return engine.verify(token.signature());
    } catch (GeneralSecurityException notEvenASignature) {
      return false;
    }
  }
}
