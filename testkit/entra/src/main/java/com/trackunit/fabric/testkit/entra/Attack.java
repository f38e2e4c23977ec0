// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Every way to spoil a token that a validator must refuse, each under its name, so that a test can
 * run them all: {@code @EnumSource(Attack.class)}.
 *
 * <p>They spoil delegated access tokens; where an attack needs one form of token, it sets it.
 */
public enum Attack {
  /** {@code alg} none, no signature. */
  ALG_NONE(token -> token.sealedWith("none", Jws.nothing())),
  /** The same in mixed case. */
  ALG_NONE_MIXED_CASE(token -> token.sealedWith("nOnE", Jws.nothing())),
  /** HMAC with the public key's encoding as the secret. */
  HMAC_WITH_PUBLIC_KEY(
      token -> token.sealedWith("HS256", Jws.hs256(token.key().publicKey().getEncoded()))),
  /** HMAC with the certificate of {@code x5c}, as the set spells it. */
  HMAC_WITH_CERTIFICATE(
      token -> token.sealedWith("HS256", Jws.hs256(ascii(token.key().chainEntry())))),
  /** A good signature by the right key, with an algorithm nobody configured. */
  ALG_NOT_CONFIGURED(token -> token.sealedWith("PS256", Jws.ps256(token.key().privateKey()))),
  /** The header points to a key set. */
  JKU_HEADER(token -> token.header("jku", "https://localhost/keys")),
  /** The header points to a certificate. */
  X5U_HEADER(token -> token.header("x5u", "https://localhost/certificate")),
  /** The header brings the key that signed. */
  JWK_HEADER(token -> stranger(token).header("jwk", Stranger.KEY.publicJwk())),
  /** The header brings the certificate that signed. */
  X5C_HEADER(token -> stranger(token).header("x5c", List.of(Stranger.KEY.chainEntry()))),
  /** {@code crit} names an extension. */
  CRIT_HEADER(token -> token.header("crit", List.of("exp")).header("exp", 1)),
  /** {@code crit} names nothing. */
  CRIT_HEADER_EMPTY(token -> token.header("crit", List.of())),
  /** The payload claims not to be encoded (RFC 7797). */
  B64_HEADER(token -> token.header("b64", false).header("crit", List.of("b64"))),
  /** The payload claims to be compressed. */
  ZIP_HEADER(token -> token.header("zip", "DEF")),
  /** The payload claims to be a token itself. */
  CTY_JWT_HEADER(token -> token.header("cty", "JWT")),
  /** A {@code typ} that is no access token's. */
  TYP_HEADER(token -> token.header("typ", "logout+jwt")),
  /** A header member stands twice. */
  HEADER_MEMBER_TWICE(token -> token.editHeader(json -> first(json, "\"alg\":\"none\""))),
  /** A claim stands twice. */
  CLAIM_TWICE(token -> token.editPayload(json -> first(json, "\"tid\":\"" + random() + "\""))),
  /** A member below the top level stands twice. */
  NESTED_MEMBER_TWICE(
      token -> token.editPayload(json -> first(json, "\"extra\":{\"a\":1,\"a\":2}"))),
  /** {@code TID} beside {@code tid}. */
  TID_IN_TWO_CASES(token -> token.claim("TID", random())),
  /** No {@code kid}. */
  KID_MISSING(token -> token.withoutHeader("kid")),
  /** A {@code kid} that the set does not hold. */
  KID_UNKNOWN(token -> token.header("kid", Claims.random(20))),
  /** No {@code exp}. */
  EXP_MISSING(token -> token.withoutClaim("exp")),
  /** {@code exp} null. */
  EXP_NULL(token -> token.claim("exp", null)),
  /** {@code exp} as a text. */
  EXP_TEXT(token -> token.claim("exp", "4102444800")),
  /** {@code exp} beyond 64 bits. */
  EXP_HUGE(token -> token.editPayload(json -> number(json, "exp"))),
  /** {@code nbf} beyond 64 bits. */
  NBF_HUGE(token -> token.editPayload(json -> number(json, "nbf"))),
  /** Expired ten minutes ago. */
  EXPIRED(TokenBuilder::expired),
  /** Valid in ten minutes. */
  NOT_YET_VALID(TokenBuilder::notYetValid),
  /** No {@code tid}. */
  TID_MISSING(token -> token.withoutClaim("tid")),
  /** {@code tid} is a name. */
  TID_NO_GUID(token -> token.claim("tid", "common")),
  /** {@code tid} differs from the tenant in {@code iss}. */
  TID_OF_ANOTHER_TENANT(token -> token.claim("tid", random())),
  /** {@code iss} differs from {@code tid}. */
  ISSUER_OF_ANOTHER_TENANT(token -> token.issuer(token.issuerOf(UUID.randomUUID()))),
  /** Issued, consistently, in a tenant that nobody allowed. */
  ANOTHER_TENANT(token -> token.tenant(new Tenant(UUID.randomUUID()))),
  /** No {@code iss}. */
  ISSUER_MISSING(token -> token.withoutClaim("iss")),
  /** {@code iss} with one more slash. */
  ISSUER_WITH_ANOTHER_SLASH(token -> token.issuer(token.issuerOf(token.tenant) + "/")),
  /** {@code iss} holds the template itself. */
  ISSUER_TEMPLATE(
      token -> token.issuer(token.issuance.issuers().of(token.version, Issuers.TEMPLATE))),
  /** {@code iss} of another cloud's host. */
  ISSUER_OF_ANOTHER_CLOUD(
      token -> token.issuer("https://login.partner.microsoftonline.cn/" + token.tenant + "/v2.0")),
  /** {@code ver} disagrees with the form of {@code iss}. */
  VERSION_OF_THE_OTHER_ISSUER(
      token -> token.claim("ver", token.version == TokenVersion.V1 ? "2.0" : "1.0")),
  /** No {@code ver}. */
  VERSION_MISSING(token -> token.withoutClaim("ver")),
  /** Signed by a published key whose issuer is the tenant of personal accounts. */
  KEY_OF_PERSONAL_ACCOUNTS(token -> token.signedBy(token.issuance.keys().personal())),
  /** Signed by a published key whose issuer is another tenant. */
  KEY_OF_ANOTHER_TENANT(token -> token.signedBy(token.issuance.keys().otherTenant())),
  /** Signed by a published key that names another cloud. */
  KEY_OF_ANOTHER_CLOUD(token -> token.signedBy(token.issuance.keys().otherCloud())),
  /** For another API. */
  OTHER_AUDIENCE(token -> token.audience("api://" + random())),
  /** No {@code aud}. */
  AUDIENCE_MISSING(token -> token.withoutClaim("aud")),
  /** An ID token. */
  ID_TOKEN(TokenBuilder::idToken),
  /** An ID token for the API itself: only the actor is missing. */
  ID_TOKEN_FOR_THE_API(
      token -> token.idToken().version(TokenVersion.V2).audience(token.api.clientId().toString())),
  /** A Graph token. */
  GRAPH_TOKEN(TokenBuilder::graphToken),
  /** Neither {@code scp} nor {@code roles}. */
  NO_SCOPE_NO_ROLE(token -> token.scopes().roles()),
  /** No {@code azp} or {@code appid}. */
  ACTOR_MISSING(token -> token.withoutClaim("azp").withoutClaim("appid")),
  /** Signed by a stranger under a known {@code kid}. */
  SIGNED_BY_A_STRANGER(Attack::stranger),
  /** One bit of the signature flipped. */
  SIGNATURE_TAMPERED(token -> token.editCompact(Attack::flipSignature)),
  /** No signature, though {@code alg} promises one. */
  SIGNATURE_EMPTY(token -> token.editCompact(it -> it.substring(0, it.lastIndexOf('.') + 1))),
  /** A claim changed after signing. */
  PAYLOAD_TAMPERED(token -> token.editCompact(Attack::adminScope)),
  /** Base64 padding at the end. */
  PADDING(token -> token.editCompact(it -> it + "==")),
  /** The standard alphabet in place of the URL one. */
  STANDARD_ALPHABET(token -> token.editCompact(Attack::standardAlphabet)),
  /** Bits set behind the last byte of the signature, which lenient decoders ignore. */
  STRAY_TAIL_BITS(token -> token.editCompact(Attack::strayTail)),
  /** A space within. */
  SPACE_WITHIN(token -> token.editCompact(it -> it.replaceFirst("\\.", ". "))),
  /** A line feed at the end. */
  LINE_FEED_AT_END(token -> token.editCompact(it -> it + "\n")),
  /** The payload is not UTF-8. */
  BAD_UTF8(token -> token.claim("name", "caf\u00e9").editPayloadBytes(Attack::latin1)),
  /** The payload begins with a byte order mark. */
  BYTE_ORDER_MARK(token -> token.editPayload(json -> "\ufeff" + json)),
  /** Something follows the payload's object. */
  TRAILING_JSON(token -> token.editPayload(json -> json + "{}")),
  /** The payload is an array. */
  PAYLOAD_NO_OBJECT(token -> token.rawPayload("[]")),
  /** Two parts. */
  TWO_PARTS(token -> token.editCompact(it -> it.substring(0, it.lastIndexOf('.')))),
  /** Four parts. */
  FOUR_PARTS(token -> token.editCompact(it -> it + ".AAAA")),
  /** Five parts, as of an encrypted token. */
  FIVE_PARTS(token -> token.editCompact(it -> it + ".AAAA.AAAA")),
  /** 40 kB of claims. */
  OVERSIZED(token -> token.claim("groups", "g".repeat(40_000))),
  /** A header of 2 MB. */
  OVERSIZED_HEADER(token -> token.header("x", "x".repeat(2_000_000)));

  /** A key that no set holds; made when first needed. */
  private static final class Stranger {
    static final SigningKey KEY = SigningKey.builder().build();
  }

  private static final String TAIL_ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  @SuppressWarnings("ImmutableEnumChecker") // every change is a lambda without state
  private final Consumer<TokenBuilder> change;

  Attack(Consumer<TokenBuilder> change) {
    this.change = change;
  }

  void spoil(TokenBuilder token) {
    change.accept(token);
  }

  /** The header names the current key, another one signs. */
  private static TokenBuilder stranger(TokenBuilder token) {
    return token.sealedWith("RS256", Jws.rs256(Stranger.KEY.privateKey()));
  }

  private static String random() {
    return UUID.randomUUID().toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Puts a member first, so that parsers which keep the last one are content. */
  private static String first(String json, String member) {
    return "{" + member + "," + json.substring(1);
  }

  private static String number(String json, String claim) {
    return json.replaceFirst("\"" + claim + "\":[0-9]+", "\"" + claim + "\":1e400");
  }

  private static String flipSignature(String compact) {
    byte[] signature = Base64.getUrlDecoder().decode(parts(compact).get(2));
    signature[signature.length / 2] ^= 1;
    return replaced(compact, 2, Jws.base64Url(signature));
  }

  private static String adminScope(String compact) {
    byte[] payload = Base64.getUrlDecoder().decode(parts(compact).get(1));
    String json = new String(payload, StandardCharsets.UTF_8);
    return replaced(
        compact, 1, Jws.base64Url(json.substring(0, json.length() - 1) + ",\"wids\":[\"admin\"]}"));
  }

  private static String standardAlphabet(String compact) {
    // A signature holds one of the two characters in all but one of 30,000 tokens.
    String signature = parts(compact).get(2);
    String standard = signature.replace('-', '+').replace('_', '/');
    return replaced(compact, 2, standard.equals(signature) ? signature + "+" : standard);
  }

  private static String strayTail(String compact) {
    // 256 bytes end in a character of which only two bits count; the next one ignores only stray
    // bits.
    char last = compact.charAt(compact.length() - 1);
    char next = TAIL_ALPHABET.charAt(TAIL_ALPHABET.indexOf(last) + 1);
    return compact.substring(0, compact.length() - 1) + next;
  }

  private static byte[] latin1(byte[] payload) {
    return new String(payload, StandardCharsets.UTF_8).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static List<String> parts(String compact) {
    return Arrays.asList(compact.split("\\.", -1));
  }

  private static String replaced(String compact, int index, String part) {
    List<String> parts = parts(compact);
    parts.set(index, part);
    return String.join(".", parts);
  }
}
