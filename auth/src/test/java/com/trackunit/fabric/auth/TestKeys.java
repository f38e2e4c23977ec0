// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** RSA keys made once, and key sets of them. */
final class TestKeys {
  static final RSAPublicKey ONE = rsa(2048);
  static final RSAPublicKey OTHER = rsa(2048);

  private TestKeys() {}

  static RSAPublicKey rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      KeyPair pair = generator.generateKeyPair();
      return (RSAPublicKey) pair.getPublic();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A set that holds one key under each of these names. */
  static KeySet set(String... kids) {
    Map<String, SigningKey> keys =
        Stream.of(kids)
            .collect(
                Collectors.toMap(
                    Function.identity(), kid -> new SigningKey(kid, ONE, null, null, null)));
    return new KeySet(keys, "https://issuer", null, List.of());
  }

  /** A JWK of a key, with more members or with members that override. */
  static String jwk(String kid, RSAPublicKey key, String more) {
    return "{\"kty\":\"RSA\",\"kid\":\""
        + kid
        + "\",\"n\":\""
        + base64Url(key.getModulus())
        + "\",\"e\":\""
        + base64Url(key.getPublicExponent())
        + "\""
        + more
        + "}";
  }

  static String base64Url(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int sign = bytes[0] == 0 ? 1 : 0;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOfRange(bytes, sign, bytes.length));
  }
}
