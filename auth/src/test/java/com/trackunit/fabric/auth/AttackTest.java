// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.testkit.entra.Attack;
import com.trackunit.fabric.testkit.entra.Endpoint;
import com.trackunit.fabric.testkit.entra.SigningKey;
import com.trackunit.fabric.testkit.entra.TokenVersion;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every attack that the stand-in knows is refused, and the reason says what it was. */
@Timeout(120)
class AttackTest {
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= \n\u00e9";

  @AutoClose private static final EntraFixture fixture = new EntraFixture();
  @AutoClose private static final EntraTokenValidator validator = fixture.validator().build();

  @ParameterizedTest
  @EnumSource(Attack.class)
  void isRefusedAsAV2Token(Attack attack) {
    assertRefused(attack, TokenVersion.V2);
  }

  @ParameterizedTest
  @EnumSource(Attack.class)
  void isRefusedAsAV1Token(Attack attack) {
    assertRefused(attack, TokenVersion.V1);
  }

  @Test
  void aTokenWithAnyOneCharacterChangedIsRefused() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String good = fixture.token().mint();
    validator.validate(good);
    for (int at = 0; at < good.length(); at++) {
      char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
      if (other != good.charAt(at)) {
        assertRefused(good.substring(0, at) + other + good.substring(at + 1), seed);
      }
      assertRefused(good.substring(0, at) + good.substring(at + 1), seed);
      assertRefused(good.substring(0, at) + other + good.substring(at), seed);
    }
  }

  @Test
  void anAttackThatTheFrontDoorOrTheClaimsRefuseNeverAsksForKeys() {
    await().until(() -> validator.health().isUp());
    fixture.entra.resetRequests();
    SigningKey unpublished = SigningKey.builder().build();
    for (Attack attack :
        new Attack[] {
          Attack.ALG_NONE,
          Attack.HMAC_WITH_PUBLIC_KEY,
          Attack.JKU_HEADER,
          Attack.CLAIM_TWICE,
          Attack.ANOTHER_TENANT,
          Attack.OTHER_AUDIENCE,
          Attack.EXPIRED,
          Attack.ID_TOKEN
        }) {
      assertRefused(fixture.token().signedBy(unpublished).attack(attack).mint(), 0);
    }
    assertThat(fixture.entra.requests(Endpoint.KEYS_V2)).isZero();
  }

  private static void assertRefused(Attack attack, TokenVersion version) {
    String token = fixture.token().version(version).attack(attack).mint();
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> validator.validate(token))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(expected(attack)))
        .satisfies(e -> assertThat(e).hasNoCause())
        .satisfies(e -> assertShowsNothingOf(token, e));
  }

  private static void assertRefused(String token, long seed) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .as("seed %s", seed)
        .isThrownBy(() -> validator.validate(token));
  }

  /** Neither the exception nor the header holds a claim value or a run of the token's bytes. */
  private static void assertShowsNothingOf(String token, InvalidTokenException e) {
    String shown = e + " " + e.wwwAuthenticate().orElseThrow();
    assertThat(shown)
        .doesNotContain(fixture.entra.tenant().id().toString())
        .doesNotContain(fixture.api.clientId().toString())
        .doesNotContain(token.substring(0, 12))
        .doesNotContain(token.substring(token.length() - 12).strip());
  }

  private static Reason expected(Attack attack) {
    return switch (attack) {
      case ALG_NONE,
          ALG_NONE_MIXED_CASE,
          HMAC_WITH_PUBLIC_KEY,
          HMAC_WITH_CERTIFICATE,
          ALG_NOT_CONFIGURED ->
          Reason.ALGORITHM_REFUSED;
      case JKU_HEADER,
          X5U_HEADER,
          JWK_HEADER,
          X5C_HEADER,
          CRIT_HEADER,
          CRIT_HEADER_EMPTY,
          B64_HEADER,
          ZIP_HEADER,
          CTY_JWT_HEADER ->
          Reason.HEADER_REFUSED;
      case TYP_HEADER -> Reason.TYPE_REFUSED;
      case HEADER_MEMBER_TWICE, CLAIM_TWICE, NESTED_MEMBER_TWICE, TID_IN_TWO_CASES ->
          Reason.DUPLICATE_MEMBER;
      case KID_MISSING -> Reason.KID_MISSING;
      case KID_UNKNOWN -> Reason.KID_UNKNOWN;
      case EXP_MISSING, TID_MISSING, ISSUER_MISSING, VERSION_MISSING, AUDIENCE_MISSING ->
          Reason.CLAIM_MISSING;
      case EXP_NULL, EXP_TEXT, EXP_HUGE, NBF_HUGE, TID_NO_GUID -> Reason.CLAIM_MALFORMED;
      case EXPIRED -> Reason.TOKEN_EXPIRED;
      case NOT_YET_VALID -> Reason.TOKEN_NOT_YET_VALID;
      case TID_OF_ANOTHER_TENANT, ANOTHER_TENANT -> Reason.TENANT_REFUSED;
      case ISSUER_OF_ANOTHER_TENANT,
          ISSUER_WITH_ANOTHER_SLASH,
          ISSUER_TEMPLATE,
          ISSUER_OF_ANOTHER_CLOUD ->
          Reason.ISSUER_REFUSED;
      case VERSION_OF_THE_OTHER_ISSUER -> Reason.VERSION_REFUSED;
      case KEY_OF_PERSONAL_ACCOUNTS, KEY_OF_ANOTHER_TENANT -> Reason.KEY_ISSUER_REFUSED;
      case KEY_OF_ANOTHER_CLOUD -> Reason.KEY_CLOUD_REFUSED;
      case OTHER_AUDIENCE -> Reason.AUDIENCE_REFUSED;
      case ID_TOKEN, ID_TOKEN_FOR_THE_API, ACTOR_MISSING -> Reason.ID_TOKEN;
      case GRAPH_TOKEN -> Reason.GRAPH_TOKEN;
      case NO_SCOPE_NO_ROLE -> Reason.NO_PERMISSION;
      case SIGNED_BY_A_STRANGER, SIGNATURE_TAMPERED, PAYLOAD_TAMPERED -> Reason.SIGNATURE_INVALID;
      case FIVE_PARTS -> Reason.TOKEN_ENCRYPTED;
      case OVERSIZED, OVERSIZED_HEADER -> Reason.TOKEN_TOO_LONG;
      case SIGNATURE_EMPTY,
          PADDING,
          STANDARD_ALPHABET,
          STRAY_TAIL_BITS,
          SPACE_WITHIN,
          LINE_FEED_AT_END,
          BAD_UTF8,
          BYTE_ORDER_MARK,
          TRAILING_JSON,
          PAYLOAD_NO_OBJECT,
          TWO_PARTS,
          FOUR_PARTS ->
          Reason.TOKEN_MALFORMED;
    };
  }
}
