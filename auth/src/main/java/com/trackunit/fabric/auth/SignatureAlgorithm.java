// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * The RSA signatures of RFC 7518, sections 3.3 and 3.5, under the names that a token's header gives
 * them. Entra ID signs with {@link #RS256} alone.
 */
public enum SignatureAlgorithm {
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  RS256("SHA256withRSA", null),
  /** RSASSA-PKCS1-v1_5 with SHA-384. */
  RS384("SHA384withRSA", null),
  /** RSASSA-PKCS1-v1_5 with SHA-512. */
  RS512("SHA512withRSA", null),
  /** RSASSA-PSS with SHA-256 and a salt of 32 bytes. */
  PS256("RSASSA-PSS", pss("SHA-256", MGF1ParameterSpec.SHA256, 32)),
  /** RSASSA-PSS with SHA-384 and a salt of 48 bytes. */
  PS384("RSASSA-PSS", pss("SHA-384", MGF1ParameterSpec.SHA384, 48)),
  /** RSASSA-PSS with SHA-512 and a salt of 64 bytes. */
  PS512("RSASSA-PSS", pss("SHA-512", MGF1ParameterSpec.SHA512, 64));

  private final String jcaName;

  @SuppressWarnings("ImmutableEnumChecker") // PSSParameterSpec has no setters
  private final @Nullable AlgorithmParameterSpec parameters;

  SignatureAlgorithm(String jcaName, @Nullable AlgorithmParameterSpec parameters) {
    this.jcaName = jcaName;
    this.parameters = parameters;
  }

  /** An engine with this algorithm's parameters, not yet with a key. */
  Signature engine(@Nullable Provider provider) throws GeneralSecurityException {
    Signature engine =
        provider == null
            ? Signature.getInstance(jcaName)
            : Signature.getInstance(jcaName, provider);
    if (parameters != null) {
      engine.setParameter(parameters);
    }
    return engine;
  }

  private static AlgorithmParameterSpec pss(
      String digest, AlgorithmParameterSpec mask, int saltBytes) {
    return new PSSParameterSpec(digest, "MGF1", mask, saltBytes, PSSParameterSpec.TRAILER_FIELD_BC);
  }
}
