// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each member, each byte and each part of a good token changed in every way. Where header or
 * payload is changed, the known key signs what came out: only the rules stand between it and us.
 */
@Timeout(120)
class MutatedTokenTest {
  private static final Pattern MEMBER =
      Pattern.compile("\"(\\w+)\":(\"[^\"]*\"|\\d+|\\[[^\\]]*\\])(,?)");

  /** Values of every JSON type; none is a good value of any member. */
  private static final List<String> VALUES =
      List.of("null", "true", "-1", "1.5", "1e400", "[]", "{}", "\"\"", "[null]", "\" \"");

  /** What a token may well do without, or hold in any form. */
  private static final Set<String> FREE = Set.of("x5t", "iat", "sub", "xms_cc");

  @AutoClose private static final EntraTokenValidator validator = FuzzIssuer.validator();

  static Stream<String> payloads() {
    return Stream.of(FuzzIssuer.v2Payload(), FuzzIssuer.v1Payload(), FuzzIssuer.appOnlyPayload());
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void withoutAnyOneMemberThatItNeedsATokenIsRefused(String payload) {
    assertThat(verdict(FuzzIssuer.HEADER, payload)).isEqualTo("accepted");
    for (MatchResult member : members(payload)) {
      String name = member.group(1);
      String without = without(payload, member);
      boolean isOptional = FREE.contains(name) || Set.of("uti", "nbf").contains(name);
      String verdict = verdict(FuzzIssuer.HEADER, without);
      // Without idtyp, sub would have to equal oid.
      assertThat(verdict.equals("accepted")).as(name + ": " + verdict).isEqualTo(isOptional);
    }
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void withAnyOneMemberOfAnotherTypeATokenIsRefused(String payload) {
    for (MatchResult member : members(payload)) {
      for (String value : VALUES) {
        String name = member.group(1);
        String verdict = verdict(FuzzIssuer.HEADER, with(payload, member, value));
        boolean isHarmless = name.equals("uti") && value.equals("\" \"");
        if (!FREE.contains(name) && !isHarmless && !isAnotherProof(name, value)) {
          assertThat(verdict).as("%s: %s", name, value).isNotEqualTo("accepted");
        }
      }
    }
  }

  /** How a client proved itself may be any text. */
  private static boolean isAnotherProof(String name, String value) {
    return name.endsWith("acr") && value.equals("\" \"");
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void withAnyOneMemberTwiceInAnySpellingATokenIsRefused(String payload) {
    for (MatchResult member : members(payload)) {
      String name = member.group(1);
      String escaped = "\\u%04x".formatted((int) name.charAt(0)) + name.substring(1);
      for (String twin : List.of(name, escaped)) {
        String second = "\"" + twin + "\":" + member.group(2);
        for (String twice :
            List.of("{" + second + "," + payload.substring(1), last(payload, second))) {
          assertThat(verdict(FuzzIssuer.HEADER, twice)).as(twin).isEqualTo("duplicate_member");
        }
      }
    }
  }

  @Test
  void theHeaderSaysAlgAndKidOnceAndNothingThatIsDangerous() {
    String payload = FuzzIssuer.v2Payload();
    for (MatchResult member : members(FuzzIssuer.HEADER)) {
      String name = member.group(1);
      boolean isOptional = Set.of("typ", "x5t").contains(name);
      String without = verdict(without(FuzzIssuer.HEADER, member), payload);
      assertThat(without.equals("accepted")).as(name).isEqualTo(isOptional);
      for (String value : VALUES) {
        String verdict = verdict(with(FuzzIssuer.HEADER, member, value), payload);
        assertThat(verdict.equals("accepted")).as(name + value).isEqualTo(name.equals("x5t"));
      }
      String twice = last(FuzzIssuer.HEADER, member.group().replaceFirst(",$", ""));
      assertThat(verdict(twice, payload)).as(name).isEqualTo("duplicate_member");
    }
    for (String name : List.of("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty", "enc")) {
      for (String value : VALUES) {
        assertThat(verdict(last(FuzzIssuer.HEADER, "\"" + name + "\":" + value), payload))
            .as(name + value)
            .isEqualTo("header_refused");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s,}",
        "%s}}",
        "{%s}",
        "[%s}]",
        "%s}\u0000",
        "%s}{}",
        "\ufeff%s}",
        "%s,\"x\":NaN}",
        "%s,\"x\":+1}",
        "%s,\"x\":01}",
        "%s,\"x\":.5}",
        "%s,\"x\":0x1}",
        "%s,\"x\":1e1000}",
        "%s,\"x\":1.5E-12345678901234}",
        "%s,\"x\":'a'}",
        "%s,\"x\":\"\u0001\"}",
        "%s,\"x\":\"\\x\"}",
        "%s,\"x\":\"\\ud83d\"}",
        "%s,x:1}",
        "%s,/**/\"x\":1}",
        "%s,\"x\":1}//",
        "%s,\"x\":[1,]}",
        "%s,\"x\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}",
        "%s,\"x\":{\"a\":[{\"b\":1,\"b\":1}]}}",
        "%s,\"\\udc00\":1}",
        "%s",
        "",
        "null",
        "\"\"",
        "1"
      })
  void jsonThatAnyParserMightReadDifferentlyIsRefused(String form) {
    String json = form.replace("%s", withoutEnd(FuzzIssuer.v2Payload()));
    assertThat(verdict(FuzzIssuer.HEADER, json)).isIn("token_malformed", "duplicate_member");
    String header = form.replace("%s", withoutEnd(FuzzIssuer.HEADER));
    assertThat(verdict(header, FuzzIssuer.v2Payload())).isIn("token_malformed", "duplicate_member");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " \t\r\n%s }\n",
        "%s,\"x\":-0.5e-3}",
        "%s,\"x\":1e400}",
        "%s,\"\":\"\\u0000\"}",
        "%s,\"x\":[[[[{\"a\":[]}]]]]}",
        "%s,\"x\":\"\\ud83d\\ude9c \u00e9\"}",
        "%s,\"x\":{\"tid\":1}}"
      })
  void jsonThatIsOddButClearIsRead(String form) {
    String json = form.replace("%s", withoutEnd(FuzzIssuer.v2Payload()));
    assertThat(verdict(FuzzIssuer.HEADER, json)).isEqualTo("accepted");
  }

  @Test
  void eachPartHasOneSpelling() {
    String good = FuzzIssuer.signed(FuzzIssuer.HEADER, FuzzIssuer.v2Payload());
    assertThat(EntraFixture.verdict(validator, good)).isEqualTo("accepted");
    List<String> parts = List.of(good.split("\\.", -1));
    for (int i = 0; i < 3; i++) {
      for (String odd : oddSpellings(parts.get(i))) {
        List<String> changed = new ArrayList<>(parts);
        changed.set(i, odd);
        assertThat(EntraFixture.verdict(validator, String.join(".", changed)))
            .as("part %s: %s", i + 1, odd)
            .isNotIn("accepted", "signature_invalid");
      }
    }
  }

  private static List<String> oddSpellings(String part) {
    List<String> odd = new ArrayList<>();
    for (String junk :
        List.of(
            "=", "==", "+", "/", " ", "\n", "\r\n", "\t", "%2D", "\u00e9", "\uff21", ".", "\0")) {
      odd.addAll(
          List.of(part + junk, junk + part, part.substring(0, 8) + junk + part.substring(8)));
    }
    odd.addAll(List.of("", "A", part + "A".repeat((5 - part.length() % 4) % 4)));
    if (part.length() % 4 > 1) {
      String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      int last = alphabet.indexOf(part.charAt(part.length() - 1));
      odd.add(part.substring(0, part.length() - 1) + alphabet.charAt(last + 1));
    }
    return odd;
  }

  @Test
  void anyByteChangedBehindTheSignatureOrInItIsRefused() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String[] parts = FuzzIssuer.signed(FuzzIssuer.HEADER, FuzzIssuer.v2Payload()).split("\\.");
    for (int part = 0; part < 3; part++) {
      byte[] bytes = Base64.getUrlDecoder().decode(parts[part]);
      for (int at = 0; at < bytes.length; at++) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        String[] token = parts.clone();
        token[part] = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
        assertThat(EntraFixture.verdict(validator, String.join(".", token)))
            .as("seed %s, part %s, byte %s", seed, part + 1, at)
            .isNotEqualTo("accepted");
      }
    }
  }

  @Test
  void signaturesOfEveryLengthAreRefused() {
    String token = FuzzIssuer.signed(FuzzIssuer.HEADER, FuzzIssuer.v2Payload());
    String covered = token.substring(0, token.lastIndexOf('.') + 1);
    byte[] signature = Base64.getUrlDecoder().decode(token.substring(covered.length()));
    for (int length = 1; length <= 520; length++) {
      String other =
          Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(signature, length));
      assertThat(EntraFixture.verdict(validator, covered + other))
          .as("%s bytes", length)
          .isEqualTo(length == signature.length ? "accepted" : "signature_invalid");
    }
  }

  @Test
  void aTokenOf32KiBIsReadAndALongerOneIsNot() {
    int longest = 0;
    for (int length = 24_200 - FuzzIssuer.v2Payload().length(); ; length++) {
      String filler = "\"groups\":\"" + "g".repeat(length) + "\"";
      String token = FuzzIssuer.signed(FuzzIssuer.HEADER, last(FuzzIssuer.v2Payload(), filler));
      boolean isRead = EntraFixture.verdict(validator, token).equals("accepted");
      assertThat(isRead).as("%s characters", token.length()).isEqualTo(token.length() <= 32 * 1024);
      longest = isRead ? token.length() : longest;
      if (token.length() > 32 * 1024 + 4) {
        break;
      }
    }
    assertThat(longest).isBetween(32 * 1024 - 2, 32 * 1024);
  }

  private static List<MatchResult> members(String json) {
    List<MatchResult> members = MEMBER.matcher(json).results().toList();
    assertThat(members).hasSizeGreaterThan(3);
    return members;
  }

  private static String without(String json, MatchResult member) {
    return (json.substring(0, member.start()) + json.substring(member.end())).replace(",}", "}");
  }

  private static String with(String json, MatchResult member, String value) {
    return json.substring(0, member.start(2)) + value + json.substring(member.end(2));
  }

  private static String last(String json, String member) {
    return withoutEnd(json) + "," + member + "}";
  }

  private static String withoutEnd(String json) {
    return json.substring(0, json.length() - 1);
  }

  private static String verdict(String header, String payload) {
    return EntraFixture.verdict(
        validator,
        FuzzIssuer.signed(
            header.getBytes(StandardCharsets.UTF_8), payload.getBytes(StandardCharsets.UTF_8)));
  }
}
