// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
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

  private static final NavigableSet<String> HEADER_NAMES = names("alg", "kid", "typ", "nonce");

  private static final NavigableSet<String> CLAIM_NAMES =
      names(
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
          "uti");

  static {
    HEADER_NAMES.addAll(DANGEROUS);
  }

  private final String kid;
  private final Claims claims;
  private final byte[] signed;
  private final byte[] signature;

  private CompactToken(String kid, Claims claims, byte[] signed, byte[] signature) {
    this.kid = kid;
    this.claims = claims;
    this.signed = signed;
    this.signature = signature;
  }

  /**
   * Takes a token apart.
   *
   * @throws InvalidTokenException if the front door refuses it
   */
  static CompactToken parse(@Nullable String token) {
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
    String kid = kid(object(token, 0, headerEnd, "header", HEADER_NAMES));
    if (payloadEnd == token.length() - 1) {
      throw malformed("signature: empty");
    }
    byte[] signature = bytes(token, payloadEnd + 1, token.length(), "signature");
    Claims claims = new Claims(object(token, headerEnd + 1, payloadEnd, "payload", CLAIM_NAMES));
    byte[] signed = token.substring(0, payloadEnd).getBytes(StandardCharsets.US_ASCII);
    return new CompactToken(kid, claims, signed, signature);
  }

  String kid() {
    return kid;
  }

  /** Not to be trusted before the signature is verified. */
  Claims claims() {
    return claims;
  }

  /** The bytes that the signature covers: header, dot, payload. */
  byte[] signed() {
    return signed;
  }

  byte[] signature() {
    return signature;
  }

  private static String kid(Map<String, @Nullable Object> header) {
    if (!"RS256".equals(header.get("alg"))) {
      throw new InvalidTokenException(
          Reason.ALGORITHM_REFUSED, "the header's alg is not RS256, the only one accepted");
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
      return kid;
    }
    throw new InvalidTokenException(Reason.KID_MISSING, "the header has no text member kid");
  }

  private static Map<String, @Nullable Object> object(
      String token, int from, int to, String part, NavigableSet<String> readNames) {
    Map<String, @Nullable Object> members;
    try {
      members = StrictJson.readObject(bytes(token, from, to, part));
    } catch (MalformedJsonException e) {
      throw new InvalidTokenException(
          e.isDuplicate() ? Reason.DUPLICATE_MEMBER : Reason.TOKEN_MALFORMED,
          part + ": " + e.getMessage());
    }
    for (String name : members.keySet()) {
      String read = readNames.ceiling(name);
      if (read != null && isTwin(read, name)) {
        throw new InvalidTokenException(
            Reason.DUPLICATE_MEMBER, part + ": member " + read + " stands there in another case");
      }
    }
    return members;
  }

  /** Whether a name is one that we read, but for the case: some other reader may mix them up. */
  private static boolean isTwin(String read, String name) {
    return !read.equals(name) && read.equalsIgnoreCase(name);
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

  private static NavigableSet<String> names(String... names) {
    NavigableSet<String> ordered = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    ordered.addAll(Set.of(names));
    return ordered;
  }
}
