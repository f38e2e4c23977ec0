// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base64UrlTest {
  @Test
  void whateverWasEncodedIsDecoded() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int length = 0; length < 300; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);

      assertThat(Base64Url.decode(text, 0, text.length())).as("seed %s", seed).isEqualTo(bytes);
    }
  }

  @Test
  void noTwoTextsDecodeToTheSameBytes() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      char[] chars = new char[random.nextInt(7)];
      for (int at = 0; at < chars.length; at++) {
        chars[at] = (char) random.nextInt(130);
      }
      String text = new String(chars);
      byte[] bytes = Base64Url.decode(text, 0, text.length());

      if (bytes != null) {
        assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))
            .as("seed %s", seed)
            .isEqualTo(text);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "AAAAA", "AB", "AAB", "AA==", "AA=", "+/AA", "A AA", "AA\n", "ÀAAA"})
  void anythingThatIsNotCanonicalIsRefused(String text) {
    assertThat(Base64Url.decode(text, 0, text.length())).isNull();
  }
}
