// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.RSAKeyProvider;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.trackunit.fabric.testkit.entra.SigningKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * The peers with the same keys in memory, the same issuer and audience, RS256 alone, and time
 * checked. None of them checks what we check beyond that.
 */
final class Peers {
  private Peers() {}

  static DefaultJWTProcessor<SecurityContext> nimbus(Fixture fixture) {
    DefaultJWTProcessor<SecurityContext> processor = processor(fixture);
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            fixture.audience(),
            new JWTClaimsSet.Builder().issuer(fixture.issuer()).build(),
            Set.of("exp", "nbf", "tid", "oid")));
    return processor;
  }

  static NimbusJwtDecoder spring(Fixture fixture) {
    DefaultJWTProcessor<SecurityContext> processor = processor(fixture);
    // As the decoder's own builder does: Spring's validators check the claims.
    processor.setJWTClaimsSetVerifier((claims, context) -> {});
    NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<Jwt>(
            JwtValidators.createDefaultWithIssuer(fixture.issuer()),
            new JwtClaimValidator<List<String>>(
                "aud", aud -> aud != null && aud.contains(fixture.audience()))));
    return decoder;
  }

  static JWTVerifier auth0(Fixture fixture) {
    Map<String, RSAPublicKey> keys = new HashMap<>();
    fixture.entra.keys().forEach(key -> keys.put(key.kid(), key.publicKey()));
    return JWT.require(Algorithm.RSA256(new PublicKeys(keys)))
        .withIssuer(fixture.issuer())
        .withAudience(fixture.audience())
        .acceptLeeway(300)
        .build();
  }

  static JwtConsumer jose4j(Fixture fixture) {
    List<org.jose4j.jwk.JsonWebKey> keys = new ArrayList<>();
    for (SigningKey key : fixture.entra.keys()) {
      RsaJsonWebKey jwk = new RsaJsonWebKey(key.publicKey());
      jwk.setKeyId(key.kid());
      keys.add(jwk);
    }
    return new JwtConsumerBuilder()
        .setVerificationKeyResolver(new JwksVerificationKeyResolver(keys))
        .setJwsAlgorithmConstraints(
            AlgorithmConstraints.ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256)
        .setExpectedIssuer(fixture.issuer())
        .setExpectedAudience(fixture.audience())
        .setRequireExpirationTime()
        .setAllowedClockSkewInSeconds(300)
        .build();
  }

  private static DefaultJWTProcessor<SecurityContext> processor(Fixture fixture) {
    List<JWK> keys = new ArrayList<>();
    for (SigningKey key : fixture.entra.keys()) {
      keys.add(new RSAKey.Builder(key.publicKey()).keyID(key.kid()).build());
    }
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            JWSAlgorithm.RS256, new ImmutableJWKSet<>(new JWKSet(keys))));
    return processor;
  }

  private record PublicKeys(Map<String, RSAPublicKey> keys) implements RSAKeyProvider {
    @Override
    public @Nullable RSAPublicKey getPublicKeyById(String kid) {
      return keys.get(kid);
    }

    @Override
    public @Nullable RSAPrivateKey getPrivateKey() {
      return null;
    }

    @Override
    public @Nullable String getPrivateKeyId() {
      return null;
    }
  }
}
