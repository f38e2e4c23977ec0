// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  @Test
  void membersAreReadByType() throws MalformedJsonException {
    Map<String, @Nullable Object> members =
        read(
            "{\"text\":\"\\u0061\\uD83D\\uDE9C\",\"number\":-7,\"yes\":true,\"no\":false,"
                + "\"nothing\":null,\"list\":[1,[\"x\"]],\"object\":{\"a\":{\"a\":1}}}");

    assertThat(members)
        .containsEntry("text", "a\uD83D\uDE9C")
        .containsEntry("number", -7L)
        .containsEntry("yes", true)
        .containsEntry("no", false)
        .containsEntry("nothing", null)
        .containsEntry("list", List.of(1L, List.of("x")))
        .containsEntry("object", Map.of("a", Map.of("a", 1L)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1e3", "9223372036854775808", "-1e400", "0.1"})
  void numbersThatAreNotWholeOrDoNotFitHoldNoValue(String number) throws MalformedJsonException {
    assertThat(read("{\"a\":" + number + "}")).containsEntry("a", StrictJson.OTHER_NUMBER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"x\":{\"a\":1,\"a\":2}}",
        "{\"x\":[{\"y\":[{\"a\":1,\"b\":2,\"a\":3}]}]}"
      })
  void aMemberTwiceIsRefusedAtAnyDepth(String json) {
    assertThatExceptionOfType(MalformedJsonException.class)
        .isThrownBy(() -> read(json))
        .matches(MalformedJsonException::isDuplicate);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "1",
        "null",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":\"\u0001\"}",
        "{\"a\":\"\\x\"}",
        "{/**/\"a\":1}",
        "{}{}",
        "{}x",
        "\uFEFF{}",
        "{\"a\":\"\\uD83D\"}",
        "{\"\\uDE9C\":1}",
        "{\"a\":\"\\uDE9C\\uD83D\"}"
      })
  void anythingButStrictJsonIsRefused(String json) {
    assertThatExceptionOfType(MalformedJsonException.class)
        .isThrownBy(() -> read(json))
        .matches(e -> !e.isDuplicate());
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[][] bad = {
      {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'}, // overlong NUL
      {'{', '"', (byte) 0xE9, '"', ':', '1', '}'}, // Latin 1
      {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'}, // a surrogate
      "{}".getBytes(StandardCharsets.UTF_16LE)
    };
    for (byte[] bytes : bad) {
      assertThatExceptionOfType(MalformedJsonException.class)
          .as(Arrays.toString(bytes))
          .isThrownBy(() -> StrictJson.readObject(bytes));
    }
  }

  @Test
  void depthAndLengthsAreBounded() {
    String deep = "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
    String longName = "{\"" + "a".repeat(2_000) + "\":1}";
    String longNumber = "{\"a\":" + "9".repeat(2_000) + "}";
    for (String json : List.of(deep, longName, longNumber)) {
      assertThatExceptionOfType(MalformedJsonException.class).isThrownBy(() -> read(json));
    }
  }

  @Test
  void whateverTheBytesAreTheAnswerIsAnObjectOrARefusalWithoutTheText() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] good =
        "{\"secret\":[{\"b\":\"\\u0041\u00e9\uD83D\uDE9C\"},1,-2.5e3,true,null]}"
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(StrictJson.readObject(bytes)).as("seed %s", seed).isNotNull();
      } catch (MalformedJsonException e) {
        assertThat(e).as("seed %s", seed).hasNoCause();
        assertThat(e.getMessage()).as("seed %s", seed).doesNotContain("secret");
      }
    }
  }

  private static Map<String, @Nullable Object> read(String json) throws MalformedJsonException {
    return StrictJson.readObject(json.getBytes(StandardCharsets.UTF_8));
  }
}
