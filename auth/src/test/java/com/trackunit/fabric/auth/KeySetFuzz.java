// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * A fuzz target: whatever a server answers for a key set, it is a set of strong keys or a refusal.
 * The first byte says whether the others are the document or edits of a good one.
 */
final class KeySetFuzz {
  private static final SignatureRules RULES =
      new SignatureRules(Set.of(SignatureAlgorithm.RS256), null);
  private static final byte[] GOOD =
      ("{\"keys\":["
              + FuzzIssuer.JWK
              + ","
              + TestKeys.jwk("other", TestKeys.OTHER, ",\"use\":\"sig\",\"key_ops\":[\"verify\"]")
              + "]}")
          .getBytes(StandardCharsets.UTF_8);

  private KeySetFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] document = input[0] % 2 == 0 ? rest : FuzzEdits.apply(GOOD, rest, 0);
    try {
      check(
          KeySetReader.read(
              StrictJson.readObject(document).get("keys"), FuzzIssuer.ISSUER, null, RULES));
    } catch (MalformedJsonException | IOException refused) {
      // Nothing replaces the good keys then.
    }
  }

  private static void check(KeySet set) {
    set.keys()
        .forEach(
            (kid, key) -> {
              int bits = key.publicKey().getModulus().bitLength();
              boolean isStrong =
                  bits >= 2048
                      && bits <= 8192
                      && key.publicKey().getPublicExponent().longValueExact() >= 65_537
                      && key.publicKey().getPublicExponent().testBit(0);
              if (kid.isEmpty() || !kid.equals(key.kid()) || !isStrong) {
                throw new AssertionError("not a usable key: " + key);
              }
            });
  }
}
