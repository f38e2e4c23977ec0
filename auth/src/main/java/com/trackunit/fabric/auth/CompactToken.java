// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A token taken apart by the front door: one spelling, strict JSON, a header in which nothing can
 * change what is verified. Nothing in it is trusted before {@link SigningKey#verifies} said yes.
 *
 * <p>The cheapest checks come first, so that garbage costs next to nothing: the length before
 * anything is decoded, the header before the payload.
 */
final class CompactToken {
  /** A token with 200 groups has about 10 kB. */
  static final int MAX_LENGTH = 32 * 1024;

  private static final Set<String> ACCEPTED_TYPES = Set.of("JWT", "at+jwt");

  /** They name or carry keys, need extensions or change what the bytes mean: never honoured. */
  private static final Set<String> DANGEROUS =
      Set.of("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty", "enc");

  private static final ReadNames HEADER_NAMES =
      new ReadNames(
          Stream.concat(DANGEROUS.stream(), Stream.of("alg", "kid", "typ", "nonce"))
              .collect(Collectors.toSet()));

  private static final ReadNames CLAIM_NAMES =
      new ReadNames(
          Set.of(
              "aud",
              "iss",
              "exp",
              "nbf",
              "ver",
              "tid",
              "oid",
              "sub",
              "scp",
              "roles",
              "idtyp",
              "azp",
              "azpacr",
              "appid",
              "appidacr",
              "uti",
              "acrs",
              "xms_cc",
              "hasgroups",
              "_claim_names"));

  private final Header header;
  private final Claims claims;
  private final Signed signed;

  /** What the header decides: how the token is signed, and with which key. */
  record Header(SignatureAlgorithm algorithm, String kid) {}

  /** The token as it came, its two dots, and what it is signed with: all before the second dot. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Signed(
      String token, byte[] chars, int headerEnd, int payloadEnd, byte[] signature) {}

  private CompactToken(Header header, Claims claims, Signed signed) {
    this.header = header;
    this.claims = claims;
    this.signed = signed;
  }

  /**
   * Takes a token apart.
   *
   * @param rules how it may be signed
   * @param known headers that were read by the same rules
   * @throws InvalidTokenException if the front door refuses it
   */
  static CompactToken parse(@Nullable String token, SignatureRules rules, KnownHeaders known) {
    if (token == null || token.isEmpty()) {
      throw new InvalidTokenException(Reason.TOKEN_MISSING);
    }
    if (token.length() > MAX_LENGTH) {
      throw new InvalidTokenException(Reason.TOKEN_TOO_LONG);
    }
    if (token.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw malformed("it begins with the scheme: hand over what follows \"Bearer \"");
    }
    int headerEnd = token.indexOf('.');
    int payloadEnd = token.indexOf('.', headerEnd + 1);
    if (headerEnd <= 0 || payloadEnd <= headerEnd + 1) {
      throw malformed("not three parts");
    }
    if (token.indexOf('.', payloadEnd + 1) >= 0) {
      throw token.chars().filter(c -> c == '.').count() == 4
          ? new InvalidTokenException(Reason.TOKEN_ENCRYPTED)
          : malformed("not three parts");
    }
    // What does not fit a byte becomes a question mark, which is not in the alphabet.
    byte[] chars = token.getBytes(StandardCharsets.ISO_8859_1);
    Header header = known.find(chars, headerEnd);
    if (header == null) {
      byte[] headerJson = bytes(chars, 0, headerEnd, "header");
      header = header(object(headerJson, "header", HEADER_NAMES), rules);
    }
    if (payloadEnd == chars.length - 1) {
      throw malformed("signature: empty");
    }
    byte[] json = bytes(chars, headerEnd + 1, payloadEnd, "payload");
    Claims claims = new Claims(object(json, "payload", CLAIM_NAMES), json);
    byte[] signature = bytes(chars, payloadEnd + 1, chars.length, "signature");
    Signed signed = new Signed(token, chars, headerEnd, payloadEnd, signature);
    return new CompactToken(header, claims, signed);
  }

  /** Has the next token with the same header know it; for tokens that were verified. */
  void rememberHeader(KnownHeaders known) {
    if (known.find(signed.chars(), signed.headerEnd()) == null) {
      known.add(signed.chars(), signed.headerEnd(), header);
    }
  }

  String kid() {
    return header.kid();
  }

  SignatureAlgorithm algorithm() {
    return header.algorithm();
  }

  /** Not to be trusted before the signature is verified. */
  Claims claims() {
    return claims;
  }

  /** The token as it came. */
  String text() {
    return signed.token();
  }

  /**
   * Whether the signature is that of header, dot and payload.
   *
   * @param engine ready to verify with the key that the header names
   */
  boolean isSignedBy(Signature engine) throws SignatureException {
    engine.update(signed.chars(), 0, signed.payloadEnd());
    return engine.verify(signed.signature());
  }

  private static Header header(Map<String, @Nullable Object> header, SignatureRules rules) {
    SignatureAlgorithm algorithm = rules.algorithm(header.get("alg"));
    if (algorithm == null) {
      throw new InvalidTokenException(
          Reason.ALGORITHM_REFUSED, "the header's alg is none of " + rules.accepted());
    }
    for (String name : header.keySet()) {
      if (DANGEROUS.contains(name)) {
        throw new InvalidTokenException(
            Reason.HEADER_REFUSED, "header member " + name + " is never accepted");
      }
    }
    if (header.containsKey("nonce")) {
      throw new InvalidTokenException(
          Reason.GRAPH_TOKEN, "header member nonce: " + Reason.GRAPH_TOKEN.summary());
    }
    if (header.containsKey("typ")
        && !(header.get("typ") instanceof String type && ACCEPTED_TYPES.contains(type))) {
      throw new InvalidTokenException(
          Reason.TYPE_REFUSED, "the header's typ is neither JWT nor at+jwt nor absent");
    }
    if (header.get("kid") instanceof String kid && !kid.isEmpty()) {
      return new Header(algorithm, kid);
    }
    throw new InvalidTokenException(Reason.KID_MISSING, "the header has no text member kid");
  }

  private static Map<String, @Nullable Object> object(byte[] json, String part, ReadNames names) {
    try {
      return StrictJson.readObject(json, names);
    } catch (MalformedJsonException e) {
      throw new InvalidTokenException(
          e.isDuplicate() ? Reason.DUPLICATE_MEMBER : Reason.TOKEN_MALFORMED,
          part + ": " + e.getMessage());
    }
  }

  private static byte[] bytes(byte[] chars, int from, int to, String part) {
    byte[] bytes = Base64Url.decode(chars, from, to);
    if (bytes == null) {
      throw malformed(part + ": not canonical base64url");
    }
    return bytes;
  }

  private static InvalidTokenException malformed(String detail) {
    return new InvalidTokenException(Reason.TOKEN_MALFORMED, detail);
  }
}
