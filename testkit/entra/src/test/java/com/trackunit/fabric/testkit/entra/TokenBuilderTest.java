// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.trackunit.fabric.core.Secret;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenBuilderTest {
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final App API = App.builder("api").scopes("analysis").build();
  private static final App V1_API =
      App.builder("old").scopes("analysis", "admin").tokenVersion(TokenVersion.V1).build();
  private static final App CLIENT =
      App.builder("client").secret(Secret.of("hidden-secret")).build();

  /** Wrong in what they say, not in how they are signed. */
  private static final Set<Attack> WELL_SIGNED =
      EnumSet.of(
          Attack.CRIT_HEADER,
          Attack.ZIP_HEADER,
          Attack.HEADER_MEMBER_TWICE,
          Attack.CLAIM_TWICE,
          Attack.NESTED_MEMBER_TWICE,
          Attack.EXP_MISSING,
          Attack.NBF_HUGE,
          Attack.EXPIRED,
          Attack.ANOTHER_TENANT,
          Attack.ISSUER_OF_ANOTHER_TENANT,
          Attack.KEY_OF_PERSONAL_ACCOUNTS,
          Attack.KEY_OF_ANOTHER_TENANT,
          Attack.KEY_OF_ANOTHER_CLOUD,
          Attack.OTHER_AUDIENCE,
          Attack.ID_TOKEN,
          Attack.BAD_UTF8,
          Attack.BYTE_ORDER_MARK,
          Attack.OVERSIZED);

  private static EntraStandIn entra;

  @BeforeAll
  static void start() {
    entra = EntraStandIn.builder().clock(Clock.fixed(NOW, ZoneOffset.UTC)).start();
  }

  @AfterAll
  static void stop() {
    entra.close();
  }

  @Test
  void v2TokenHoldsWhatEntraPutsThere() throws Exception {
    User ada = entra.tenant().addUser("Ada");
    SignedJWT token = SignedJWT.parse(entra.tokens(API).client(CLIENT).user(ada).mint());
    JWTClaimsSet claims = token.getJWTClaimsSet();

    assertThat(token.verify(new RSASSAVerifier(entra.signingKey().publicKey()))).isTrue();
    assertThat(token.getHeader().toJSONObject())
        .containsOnlyKeys("typ", "alg", "kid")
        .containsEntry("kid", entra.signingKey().kid());
    assertThat(claims.getAudience()).containsExactly(API.clientId().toString());
    assertThat(claims.getIssuer()).isEqualTo(entra.issuer(entra.tenant(), TokenVersion.V2));
    assertThat(claims.getExpirationTime()).isEqualTo(NOW.plus(Duration.ofHours(1)));
    assertThat(claims.getNotBeforeTime()).isEqualTo(NOW.minus(Duration.ofMinutes(5)));
    assertThat(claims.getClaims())
        .containsEntry("ver", "2.0")
        .containsEntry("scp", "analysis")
        .containsEntry("azp", CLIENT.clientId().toString())
        .containsEntry("azpacr", "1")
        .containsEntry("oid", ada.objectId().toString())
        .containsEntry("tid", entra.tenant().id().toString())
        .containsKeys("aio", "rh", "sub", "uti", "xms_ftd", "name", "preferred_username")
        .doesNotContainKeys("appid", "roles", "idtyp");
  }

  @Test
  void v1TokenHasTheOldNames() throws Exception {
    SignedJWT token = SignedJWT.parse(entra.tokens(V1_API).client(CLIENT).mint());

    assertThat(token.getHeader().toJSONObject()).containsKey("x5t");
    assertThat(token.getJWTClaimsSet().getAudience()).containsExactly("api://" + V1_API.clientId());
    assertThat(token.getJWTClaimsSet().getClaims())
        .containsEntry("iss", "https://sts.windows.net/" + entra.tenant().id() + "/")
        .containsEntry("ver", "1.0")
        .containsEntry("scp", "analysis admin")
        .containsEntry("appid", CLIENT.clientId().toString())
        .containsEntry("appidacr", "1")
        .containsKeys("upn", "unique_name", "ipaddr")
        .doesNotContainKeys("azp", "azpacr", "xms_ftd");
  }

  @Test
  void appOnlyTokenHasNoUser() throws Exception {
    App api = App.builder("api").idtypClaim().build();
    SignedJWT token = SignedJWT.parse(entra.tokens(api).appOnly().roles("Run").mint());

    JWTClaimsSet claims = token.getJWTClaimsSet();
    assertThat(claims.getSubject()).isEqualTo(claims.getStringClaim("oid"));
    assertThat(claims.getClaims())
        .containsEntry("idtyp", "app")
        .doesNotContainKeys("scp", "name", "preferred_username");
    assertThat(claims.getStringListClaim("roles")).containsExactly("Run");
  }

  @Test
  void graphTokenVerifiesForNobodyButGraph() throws Exception {
    SignedJWT token = SignedJWT.parse(entra.tokens(API).graphToken().mint());

    assertThat(token.getHeader().toJSONObject()).containsKey("nonce");
    assertThat(token.verify(new RSASSAVerifier(entra.signingKey().publicKey()))).isFalse();
  }

  @Test
  void rawPartsAreSignedAsTheyAre() throws Exception {
    String header = "{\"alg\":\"RS256\",\"alg\":\"none\",\"kid\":\"" + kid() + "\"}";
    String token = entra.tokens(API).rawHeader(header).rawPayload("{\"a\":1,\"a\":2}").mint();

    assertThat(part(token, 0)).isEqualTo(header);
    assertThat(part(token, 1)).isEqualTo("{\"a\":1,\"a\":2}");
    assertThat(signedBy(token, entra.signingKey())).isTrue();
  }

  @Test
  void laterChangesWinAndNullStays() throws Exception {
    String token = entra.tokens(API).claim("x", 1).claim("x", "two\n\"").claim("exp", null).mint();

    assertThat(part(token, 1)).contains("\"x\":\"two\\u000a\\\"\"", "\"exp\":null");
  }

  @Test
  void tenantsAndUsersDecideTheIssuer() throws Exception {
    Tenant other = entra.addTenant(UUID.randomUUID());
    User bob = other.addUser("Bob");

    JWTClaimsSet claims = SignedJWT.parse(entra.tokens(API).user(bob).mint()).getJWTClaimsSet();

    assertThat(claims.getIssuer()).isEqualTo(entra.issuer(other, TokenVersion.V2));
    assertThat(claims.getStringClaim("tid")).isEqualTo(other.id().toString());
  }

  @ParameterizedTest
  @EnumSource(Attack.class)
  void everyAttackChangesTheToken(Attack attack) throws Exception {
    String token = entra.tokens(API).attack(attack).mint();

    assertThat(token).isNotEmpty();
    if (WELL_SIGNED.contains(attack)) {
      String kid = part(token, 0).replaceFirst(".*\"kid\":\"([^\"]+)\".*", "$1");
      SigningKey key =
          entra.keys().stream().filter(it -> it.kid().equals(kid)).findFirst().orElseThrow();
      assertThat(signedBy(token, key)).isTrue();
    }
  }

  @Test
  void attacksSpoilOnlyWhatTheySay() throws Exception {
    assertThat(part(entra.tokens(API).attack(Attack.CLAIM_TWICE).mint(), 1).split("\"tid\"", -1))
        .hasSize(3);
    assertThat(part(entra.tokens(API).attack(Attack.NBF_HUGE).mint(), 1)).contains("\"nbf\":1e400");
    assertThat(entra.tokens(API).attack(Attack.SIGNATURE_EMPTY).mint()).endsWith(".");
    String tail = entra.tokens(API).attack(Attack.STRAY_TAIL_BITS).mint();
    String signature = tail.substring(tail.lastIndexOf('.') + 1);
    byte[] decoded = Base64.getUrlDecoder().decode(signature);
    assertThat(Jws.base64Url(decoded)).isNotEqualTo(signature);
    assertThat(signedBy(tail, entra.signingKey())).isTrue();
  }

  @Test
  void nothingSecretIsShown() {
    TokenBuilder token = entra.tokens(API).client(CLIENT);
    String d = ((RSAPrivateKey) entra.signingKey().privateKey()).getPrivateExponent().toString();

    assertThat(CLIENT.toString()).doesNotContain("hidden-secret");
    assertThat(token.toString()).doesNotContain("eyJ", "hidden-secret");
    assertThat(entra.signingKey().toString()).doesNotContain(d);
    assertThat(entra.toString() + entra.tenant() + Fault.emptyKeySet())
        .doesNotContain("hidden-secret");
  }

  private static String kid() {
    return entra.signingKey().kid();
  }

  private static String part(String token, int index) {
    byte[] decoded = Base64.getUrlDecoder().decode(token.split("\\.", -1)[index]);
    return new String(decoded, StandardCharsets.UTF_8);
  }

  private static boolean signedBy(String token, SigningKey key) throws Exception {
    int dot = token.lastIndexOf('.');
    Signature rsa = Signature.getInstance("SHA256withRSA");
    rsa.initVerify(key.publicKey());
    rsa.update(token.substring(0, dot).getBytes(StandardCharsets.US_ASCII));
    return rsa.verify(Base64.getUrlDecoder().decode(token.substring(dot + 1)));
  }
}
