// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JWK set (RFC 7517) key by key: one that is weak, malformed or not for signatures is left
 * out and reported, and the others serve.
 */
final class KeySetReader {
  /** Entra ID publishes about ten. */
  private static final int MAX_KEYS = 500;

  private static final int MIN_BITS = 2048;

  /** A longer modulus makes each verification slower, up to a denial of service. */
  private static final int MAX_BITS = 8192;

  private static final BigInteger MIN_EXPONENT = BigInteger.valueOf(65_537);
  private static final int MAX_EXPONENT_BITS = 32;

  private final Map<String, SigningKey> keys = new LinkedHashMap<>();
  private final Set<String> ambiguous = new HashSet<>();
  private final List<String> skipped = new ArrayList<>();

  private KeySetReader() {}

  /**
   * Reads a set.
   *
   * @param listed the member {@code keys} of the set
   * @param issuer the issuer of the discovery document that names the set
   * @param cloud what that document calls its cloud; null if it does not say
   * @param rules what keys may be for; a key for another algorithm is left out
   * @throws IOException if it is no list or has no usable key
   */
  static KeySet read(
      @Nullable Object listed, String issuer, @Nullable String cloud, SignatureRules rules)
      throws IOException {
    if (!(listed instanceof List<?> jwks)) {
      throw new IOException("key set: member keys is not an array");
    }
    if (jwks.size() > MAX_KEYS) {
      throw new IOException("key set: " + jwks.size() + " keys, expected up to " + MAX_KEYS);
    }
    KeySetReader reader = new KeySetReader();
    for (int i = 0; i < jwks.size(); i++) {
      try {
        reader.add(key(jwks.get(i), rules));
      } catch (UnusableKeyException e) {
        reader.skipped.add("key " + (i + 1) + " of " + jwks.size() + ": " + e.getMessage());
      }
    }
    return reader.finish(issuer, cloud);
  }

  private void add(SigningKey key) {
    SigningKey twin = keys.putIfAbsent(key.kid(), key);
    if (twin != null && !twin.equals(key)) {
      ambiguous.add(key.kid());
    }
  }

  private KeySet finish(String issuer, @Nullable String cloud) throws IOException {
    for (String kid : ambiguous) {
      keys.remove(kid);
      skipped.add("different keys under one kid");
    }
    if (keys.isEmpty()) {
      throw new IOException("key set: no usable key, left out: " + skipped);
    }
    return new KeySet(keys, issuer, cloud, skipped);
  }

  private static SigningKey key(@Nullable Object listed, SignatureRules rules)
      throws UnusableKeyException {
    if (!(listed instanceof Map<?, ?> jwk)) {
      throw new UnusableKeyException("not an object");
    }
    if (!"RSA".equals(jwk.get("kty"))) {
      throw new UnusableKeyException("kty is not RSA");
    }
    if (jwk.containsKey("use") && !"sig".equals(jwk.get("use"))) {
      throw new UnusableKeyException("use is not sig");
    }
    if (jwk.containsKey("key_ops")
        && !(jwk.get("key_ops") instanceof List<?> uses && uses.contains("verify"))) {
      throw new UnusableKeyException("key_ops lacks verify");
    }
    if (jwk.containsKey("d")) {
      throw new UnusableKeyException("the private half is published");
    }
    return new SigningKey(
        text(jwk, "kid"),
        publicKey(number(jwk, "n"), number(jwk, "e"), rules),
        algorithm(jwk, rules),
        optionalText(jwk, "issuer"),
        optionalText(jwk, "cloud_instance_name"));
  }

  private static @Nullable SignatureAlgorithm algorithm(Map<?, ?> jwk, SignatureRules rules)
      throws UnusableKeyException {
    if (!jwk.containsKey("alg")) {
      return null;
    }
    SignatureAlgorithm algorithm = rules.algorithm(jwk.get("alg"));
    if (algorithm == null) {
      throw new UnusableKeyException("alg is none of " + rules.accepted());
    }
    return algorithm;
  }

  private static RSAPublicKey publicKey(
      BigInteger modulus, BigInteger exponent, SignatureRules rules) throws UnusableKeyException {
    int bits = modulus.bitLength();
    if (bits < MIN_BITS || bits > MAX_BITS || !modulus.testBit(0)) {
      throw new UnusableKeyException(
          "modulus of " + bits + " bits, expected odd, " + MIN_BITS + " to " + MAX_BITS);
    }
    if (exponent.compareTo(MIN_EXPONENT) < 0
        || exponent.bitLength() > MAX_EXPONENT_BITS
        || !exponent.testBit(0)) {
      throw new UnusableKeyException("exponent is not odd, 65537 to 32 bits");
    }
    try {
      return rules.publicKey(new RSAPublicKeySpec(modulus, exponent));
    } catch (GeneralSecurityException e) {
      throw new UnusableKeyException("refused by the key factory");
    }
  }

  private static BigInteger number(Map<?, ?> jwk, String name) throws UnusableKeyException {
    String text = text(jwk, name);
    byte[] magnitude = Base64Url.decode(text, 0, text.length());
    if (magnitude == null) {
      throw new UnusableKeyException(name + " is not canonical base64url");
    }
    return new BigInteger(1, magnitude);
  }

  private static String text(Map<?, ?> jwk, String name) throws UnusableKeyException {
    String text = optionalText(jwk, name);
    if (text == null || text.isEmpty()) {
      throw new UnusableKeyException(name + " is missing or empty");
    }
    return text;
  }

  private static @Nullable String optionalText(Map<?, ?> jwk, String name)
      throws UnusableKeyException {
    if (!jwk.containsKey(name)) {
      return null;
    }
    if (jwk.get(name) instanceof String text) {
      return text;
    }
    throw new UnusableKeyException(name + " is not a text");
  }

  /** One key of the set cannot be used; the message says why, without its contents. */
  private static final class UnusableKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableKeyException(String message) {
      super(message);
    }
  }
}
