// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySetReaderTest {
  private static final String GOOD = TestKeys.jwk("good", TestKeys.ONE, ",\"use\":\"sig\"");

  @Test
  void aKeyKeepsItsNameIssuerAndNumbers() throws IOException {
    KeySet set = read(TestKeys.jwk("a", TestKeys.ONE, ",\"issuer\":\"https://i/{tenantid}/v2.0\""));

    assertThat(set.key("a"))
        .isEqualTo(new SigningKey("a", TestKeys.ONE, "https://i/{tenantid}/v2.0", true));
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
    KeySet set = KeySetReader.read(document(other, same, GOOD), "a");

    assertThat(set.key("other")).matches(key -> key != null && !key.isOfThisCloud());
    assertThat(set.key("same")).matches(key -> key != null && key.isOfThisCloud());
    assertThat(set.key("good")).matches(key -> key != null && key.isOfThisCloud());
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
        .isThrownBy(() -> KeySetReader.read(document.getBytes(StandardCharsets.UTF_8), null));
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
    return KeySetReader.read(document(jwks), null);
  }

  private static byte[] document(String... jwks) {
    return ("{\"keys\":[" + String.join(",", jwks) + "]}").getBytes(StandardCharsets.UTF_8);
  }
}
