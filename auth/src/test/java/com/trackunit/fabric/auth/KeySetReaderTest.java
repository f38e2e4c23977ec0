// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySetReaderTest {
  private static final String GOOD = TestKeys.jwk("good", TestKeys.ONE, ",\"use\":\"sig\"");

  @Test
  void aKeyKeepsItsNameIssuerAndNumbers() throws IOException {
    KeySet set = read(TestKeys.jwk("a", TestKeys.ONE, ",\"issuer\":\"https://i/{tenantid}/v2.0\""));

    assertThat(set.key("a"))
        .isEqualTo(new SigningKey("a", TestKeys.ONE, null, "https://i/{tenantid}/v2.0", null));
    assertThat(set.key("b")).isNull();
    assertThat(set.skipped()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"use\":\"enc\"",
        ",\"use\":null",
        ",\"key_ops\":[\"encrypt\"]",
        ",\"key_ops\":\"verify\"",
        ",\"alg\":\"RS512\"",
        ",\"d\":\"AQAB\"",
        ",\"issuer\":7",
        ",\"cloud_instance_name\":[]"
      })
  void aKeyThatIsNotForOurSignaturesIsSkippedAndTheOthersServe(String flaw) throws IOException {
    assertOnlyGoodServes(TestKeys.jwk("bad", TestKeys.OTHER, flaw));
  }

  @Test
  void weakMalformedAndSymmetricKeysAreSkippedAndTheOthersServe() throws IOException {
    String modulus = TestKeys.base64Url(TestKeys.OTHER.getModulus());
    String even = TestKeys.base64Url(TestKeys.OTHER.getModulus().clearBit(0));
    String giant = TestKeys.base64Url(BigInteger.ONE.shiftLeft(20_000).setBit(0));
    for (String bad :
        List.of(
            TestKeys.jwk("bad", TestKeys.rsa(1024), ""),
            rsa(even, "AQAB"),
            rsa(giant, "AQAB"),
            rsa(modulus + "==", "AQAB"),
            rsa("", "AQAB"),
            rsa(modulus, "AQ"),
            rsa(modulus, "Aw"),
            rsa(modulus, "AQAA"),
            rsa(modulus, modulus),
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"e\":\"AQAB\"}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":17,\"e\":\"AQAB\"}",
            "{\"kty\":\"oct\",\"kid\":\"bad\",\"k\":\"c2VjcmV0\"}",
            "{\"kty\":\"EC\",\"kid\":\"bad\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
            "{\"kty\":\"RSA\",\"n\":\"" + modulus + "\",\"e\":\"AQAB\"}",
            "{}",
            "null",
            "[]")) {
      assertOnlyGoodServes(bad);
    }
  }

  @Test
  void identicalKeysUnderOneKidMerge() throws IOException {
    assertThat(read(GOOD, GOOD).keys()).containsOnlyKeys("good");
  }

  @Test
  void differentKeysUnderOneKidAreAllSkipped() throws IOException {
    KeySet set =
        read(
            TestKeys.jwk("twin", TestKeys.ONE, ""),
            GOOD,
            TestKeys.jwk("twin", TestKeys.OTHER, ""),
            TestKeys.jwk("twin", TestKeys.ONE, ""));

    assertThat(set.keys()).containsOnlyKeys("good");
    assertThat(set.skipped()).hasSize(1);
  }

  @Test
  void aKeyOfAnotherCloudIsMarkedAndAMissingCloudPasses() throws IOException {
    String other = TestKeys.jwk("other", TestKeys.ONE, ",\"cloud_instance_name\":\"b\"");
    String same = TestKeys.jwk("same", TestKeys.ONE, ",\"cloud_instance_name\":\"a\"");
    KeySet set = readDocument(document(other, same, GOOD), "a");

    assertThat(isOfItsCloud(set, "other")).isFalse();
    assertThat(isOfItsCloud(set, "same")).isTrue();
    assertThat(isOfItsCloud(set, "good")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"keys\":null}",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\"}]}",
        "{\"keys\":[],\"keys\":[]}",
        "<html></html>"
      })
  void aSetWithoutAUsableKeyIsNoSet(String document) {
    assertThatIOException()
        .isThrownBy(() -> readDocument(document.getBytes(StandardCharsets.UTF_8), null));
  }

  private static String rsa(String modulus, String exponent) {
    return "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":\"" + modulus + "\",\"e\":\"" + exponent + "\"}";
  }

  private static void assertOnlyGoodServes(String bad) throws IOException {
    KeySet set = read(bad, GOOD);

    assertThat(set.keys()).as(bad).containsOnlyKeys("good");
    assertThat(set.skipped()).as(bad).hasSize(1);
  }

  private static KeySet read(String... jwks) throws IOException {
    return readDocument(document(jwks), null);
  }

  private static KeySet readDocument(byte[] document, @Nullable String cloud) throws IOException {
    SignatureRules rs256 = new SignatureRules(Set.of(SignatureAlgorithm.RS256), null);
    try {
      Object listed = StrictJson.readObject(document).get("keys");
      return KeySetReader.read(listed, "https://issuer", cloud, rs256);
    } catch (MalformedJsonException e) {
      throw new IOException(e);
    }
  }

  private static boolean isOfItsCloud(KeySet set, String kid) {
    return set.isOfItsCloud(Objects.requireNonNull(set.key(kid)));
  }

  private static byte[] document(String... jwks) {
    return ("{\"keys\":[" + String.join(",", jwks) + "]}").getBytes(StandardCharsets.UTF_8);
  }
}
