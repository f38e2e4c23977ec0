// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How tokens may be signed, and who does the arithmetic.
 *
 * @param accepted the algorithms, at least one
 * @param provider null for the JDK's choice
 */
record SignatureRules(Set<SignatureAlgorithm> accepted, @Nullable Provider provider) {
  SignatureRules {
    accepted = Collections.unmodifiableSet(EnumSet.copyOf(accepted));
  }

  /** The accepted algorithm of that name; null if there is none. */
  @Nullable SignatureAlgorithm algorithm(@Nullable Object name) {
    for (SignatureAlgorithm algorithm : accepted) {
      if (algorithm.name().equals(name)) {
        return algorithm;
      }
    }
    return null;
  }

  /** A key in the provider's own form, so that it is not translated for each token. */
  RSAPublicKey publicKey(RSAPublicKeySpec numbers) throws GeneralSecurityException {
    KeyFactory factory =
        provider == null || provider.getService("KeyFactory", "RSA") == null
            ? KeyFactory.getInstance("RSA")
            : KeyFactory.getInstance("RSA", provider);
    return (RSAPublicKey) factory.generatePublic(numbers);
  }

  Signature engine(SignatureAlgorithm algorithm) throws GeneralSecurityException {
    return algorithm.engine(provider);
  }
}
