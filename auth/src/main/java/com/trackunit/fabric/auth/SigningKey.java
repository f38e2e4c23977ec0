// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import org.jspecify.annotations.Nullable;

/**
 * A published key, built once.
 *
 * @param kid its name
 * @param publicKey RSA, at least 2048 bits
 * @param issuer whose tokens it signs, with or without a placeholder for the tenant; null if the
 *     set does not say
 * @param isOfThisCloud false if the set says that it belongs to another cloud
 */
record SigningKey(String kid, PublicKey publicKey, @Nullable String issuer, boolean isOfThisCloud) {

  /** Whether a token's signature is this key's, by RSASSA-PKCS1-v1_5 with SHA-256 (RS256). */
  boolean verifies(CompactToken token) {
    try {
      Signature rs256 = Signature.getInstance("SHA256withRSA");
      rs256.initVerify(publicKey);
      rs256.update(token.signed());
      return rs256.verify(token.signature());
    } catch (GeneralSecurityException notEvenASignature) {
      return false;
    }
  }
}
