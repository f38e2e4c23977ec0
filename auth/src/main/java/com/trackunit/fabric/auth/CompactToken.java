// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
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
  private final byte[] signed;
  private final byte[] signature;

  /** What the header decides: how the token is signed, and with which key. */
  private record Header(SignatureAlgorithm algorithm, String kid) {}

  private CompactToken(Header header, Claims claims, byte[] signed, byte[] signature) {
    this.header = header;
    this.claims = claims;
    this.signed = signed;
    this.signature = signature;
  }

  /**
   * Takes a token apart.
   *
   * @param rules how it may be signed
   * @throws InvalidTokenException if the front door refuses it
   */
  static CompactToken parse(@Nullable String token, SignatureRules rules) {
    if (token == null || token.isEmpty()) {
      throw new InvalidTokenException(Reason.TOKEN_MISSING);
    }
    if (token.length() > MAX_LENGTH) {
      throw new InvalidTokenException(Reason.TOKEN_TOO_LONG);
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
    String headerJson = text(token, 0, headerEnd, "header");
    Header header = header(object(headerJson, "header", HEADER_NAMES), rules);
    if (payloadEnd == token.length() - 1) {
      throw malformed("signature: empty");
    }
    byte[] signature = bytes(token, payloadEnd + 1, token.length(), "signature");
    String json = text(token, headerEnd + 1, payloadEnd, "payload");
    Claims claims = new Claims(object(json, "payload", CLAIM_NAMES), json);
    byte[] signed = token.substring(0, payloadEnd).getBytes(StandardCharsets.ISO_8859_1);
    return new CompactToken(header, claims, signed, signature);
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

  /** The characters of the whole token. */
  int length() {
    return signed.length + 1 + (signature.length * 4 + 2) / 3;
  }

  /** The bytes that the signature covers: header, dot, payload. */
  byte[] signed() {
    return signed;
  }

  byte[] signature() {
    return signature;
  }

  private static Header header(Map<String, @Nullable Object> header, SignatureRules rules) {
    SignatureAlgorithm algorithm = rules.algorithm(header.get("alg"));
    if (algorithm == null) {
      throw new InvalidTokenException(
          Reason.ALGORITHM_REFUSED, "the header's alg is none of " + rules.accepted());
    }
    for (String name : DANGEROUS) {
      if (header.containsKey(name)) {
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

  private static Map<String, @Nullable Object> object(String json, String part, ReadNames names) {
    Map<String, @Nullable Object> members;
    try {
      members = StrictJson.readObject(json);
    } catch (MalformedJsonException e) {
      throw refused(part, e);
    }
    for (String name : members.keySet()) {
      String twin = names.twinOf(name);
      if (twin != null) {
        throw new InvalidTokenException(
            Reason.DUPLICATE_MEMBER, part + ": member " + twin + " stands there in another case");
      }
    }
    return members;
  }

  private static String text(String token, int from, int to, String part) {
    try {
      return StrictJson.decode(bytes(token, from, to, part));
    } catch (MalformedJsonException e) {
      throw refused(part, e);
    }
  }

  private static InvalidTokenException refused(String part, MalformedJsonException e) {
    return new InvalidTokenException(
        e.isDuplicate() ? Reason.DUPLICATE_MEMBER : Reason.TOKEN_MALFORMED,
        part + ": " + e.getMessage());
  }

  private static byte[] bytes(String token, int from, int to, String part) {
    byte[] bytes = Base64Url.decode(token, from, to);
    if (bytes == null) {
      throw malformed(part + ": not canonical base64url");
    }
    return bytes;
  }

  private static InvalidTokenException malformed(String detail) {
    return new InvalidTokenException(Reason.TOKEN_MALFORMED, detail);
  }
}
