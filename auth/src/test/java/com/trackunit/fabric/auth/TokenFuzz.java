// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fuzz target (Jazzer's {@code fuzzerTestOneInput}): whatever comes in for a token, the answer is
 * a verdict of a known type, costs a bounded amount of memory, and lets nothing in that the known
 * key did not sign or that another parser reads differently.
 *
 * <p>The first byte says what the others are: a token as such, edits of a good token, or header or
 * payload (as such or as edits) of a token that is then signed, by {@link CheapSignatures}: RSA
 * would take nearly all of the time.
 */
final class TokenFuzz {
  private static final long MAX_ALLOCATED = 8 << 20;
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7E]*");
  private static final List<String> PAYLOADS =
      List.of(FuzzIssuer.v2Payload(), FuzzIssuer.v1Payload(), FuzzIssuer.appOnlyPayload());
  private static final List<String> GOOD =
      PAYLOADS.stream()
          .map(it -> FuzzIssuer.cheaplySigned(utf8(FuzzIssuer.HEADER), utf8(it)))
          .toList();
  private static final Set<String> DANGEROUS =
      Set.of("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty", "enc", "nonce");

  private static final EntraTokenValidator VALIDATOR = FuzzIssuer.cheapValidator();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static {
    for (String good : GOOD) {
      VALIDATOR.validate(good);
    }
  }

  private TokenFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 2, input.length);
    int which = (input[1] & 0xFF) % GOOD.size();
    byte[] header = utf8(FuzzIssuer.HEADER);
    byte[] payload = utf8(PAYLOADS.get(which));
    switch ((input[0] & 0xFF) % 6) {
      case 0 -> unsigned(new String(rest, StandardCharsets.UTF_8));
      case 1 -> unsigned(latin1(FuzzEdits.apply(utf8(GOOD.get(which)), rest, 0)));
      case 2 -> signed(rest, payload);
      case 3 -> signed(header, rest);
      case 4 -> signed(FuzzEdits.apply(header, rest, 0), payload);
      default -> signed(header, FuzzEdits.apply(payload, rest, 0));
    }
  }

  /** The known key signed only {@link #GOOD}; nothing else may pass. */
  private static void unsigned(String token) {
    if (verdict(token) != null && !GOOD.contains(token)) {
      throw new AssertionError("accepted, though the known key did not sign it: " + token);
    }
  }

  private static void signed(byte[] header, byte[] payload) {
    AccessToken accepted = verdict(FuzzIssuer.cheaplySigned(header, payload));
    if (accepted != null) {
      checkHeader(parsed(header));
      checkClaims(parsed(payload), accepted);
      readAll(accepted);
    }
  }

  /** What the token says; null if it is refused in one of the ways that are allowed. */
  private static @Nullable AccessToken verdict(String token) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    AccessToken accepted = null;
    String reason = "accepted";
    try {
      accepted = VALIDATOR.validate(token);
    } catch (InvalidTokenException e) {
      reason = e.reason().code();
      check(e.httpStatus() == 401, "status of " + reason);
      check(HEADER_VALUE.matcher(e.wwwAuthenticate().orElseThrow()).matches(), "header value");
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    check(allocated <= MAX_ALLOCATED, reason + " took " + allocated + " bytes");
    AccessToken again = recall(token);
    check((again == null) == (accepted == null), "the second verdict differs from " + reason);
    return accepted;
  }

  private static @Nullable AccessToken recall(String token) {
    try {
      return VALIDATOR.validateAsync(token).toCompletableFuture().join();
    } catch (CompletionException e) {
      check(e.getCause() instanceof InvalidTokenException, "asynchronous " + e.getCause());
      return null;
    }
  }

  private static void checkHeader(Map<String, Object> header) {
    check("RS256".equals(header.get("alg")), "alg " + header);
    check(FuzzIssuer.KID.equals(header.get("kid")), "kid " + header);
    for (String name : DANGEROUS) {
      check(!header.containsKey(name), name + " in " + header);
    }
  }

  private static void checkClaims(Map<String, Object> claims, AccessToken accepted) {
    boolean isV1 = "1.0".equals(claims.get("ver"));
    String actor = isV1 ? "appid" : "azp";
    check(isV1 || "2.0".equals(claims.get("ver")), "ver " + claims);
    check(
        FuzzIssuer.TENANT.toString().equalsIgnoreCase(String.valueOf(claims.get("tid"))),
        "tid " + claims);
    check(
        (isV1 ? FuzzIssuer.V1_ISSUER : FuzzIssuer.ISSUER).equals(claims.get("iss")),
        "iss " + claims);
    String aud = String.valueOf(claims.get("aud"));
    check(
        aud.equals(FuzzIssuer.CLIENT_ID)
            || (isV1 && aud.replaceFirst("/$", "").equals("api://" + FuzzIssuer.CLIENT_ID)),
        "aud " + claims);
    check(accepted.actor().toString().equalsIgnoreCase(String.valueOf(claims.get(actor))), actor);
    check(
        claims.get("exp") instanceof Number exp
            && exp.longValue() == accepted.expiresAt().getEpochSecond()
            && exp.longValue() > FuzzIssuer.NOW.getEpochSecond() - 300,
        "exp " + claims);
    check(claims.containsKey("scp") || claims.containsKey("roles"), "no permission " + claims);
    check(accepted.isAppOnly() != claims.containsKey("scp"), "kind " + claims);
  }

  /** No accessor may be surprised by what the claims hold. */
  private static void readAll(AccessToken token) {
    check(token.toString().startsWith("AccessToken["), "toString");
    check(!token.claimsJson().isEmpty(), "claims");
    check(token.tenantId().equals(FuzzIssuer.TENANT), "tenant");
    check(token.tokenId().isEmpty() || !token.tokenId().orElseThrow().isEmpty(), "uti");
    boolean unused = token.hasGroupOverage() ^ token.acceptsClaimsChallenge();
    for (Runnable requirement :
        List.<Runnable>of(
            () -> token.requireScopeOrRole("x", "x"),
            () -> token.requireAuthenticationContext("c1"))) {
      try {
        requirement.run();
      } catch (AccessDeniedException | ClaimsRequiredException denied) {
        check(HEADER_VALUE.matcher(denied.wwwAuthenticate().orElse("")).matches(), "header value");
      }
    }
  }

  /** By a parser that shares nothing with ours. */
  private static Map<String, Object> parsed(byte[] json) {
    try {
      return JSONObjectUtils.parse(new String(json, StandardCharsets.UTF_8));
    } catch (ParseException e) {
      throw new AssertionError("accepted, though another parser does not understand it", e);
    }
  }

  private static void check(boolean isSo, String what) {
    if (!isSo) {
      throw new AssertionError(what);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
