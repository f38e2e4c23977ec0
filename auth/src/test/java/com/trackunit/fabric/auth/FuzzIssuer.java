// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.UUID;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * One tenant with one key, without any server and the same in each run: what a fuzzer found once is
 * found again.
 */
final class FuzzIssuer {
  static final String KID = "the-only-key";
  static final UUID TENANT = UUID.fromString("11111111-2222-4333-8444-555555555555");
  static final String CLIENT_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
  static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  static final String HOST = "https://login.fuzz.example";
  static final String ISSUER = HOST + "/" + TENANT + "/v2.0";
  static final String V1_ISSUER = "https://sts.windows.net/" + TENANT + "/";

  static final String HEADER =
      "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"" + KID + "\",\"x5t\":\"abc\"}";

  private static final KeyPair PAIR = pair();
  static final String JWK =
      TestKeys.jwk(KID, (RSAPublicKey) PAIR.getPublic(), ",\"issuer\":\"" + ISSUER + "\"");

  private FuzzIssuer() {}

  static String v2Payload() {
    return payload("2.0", ISSUER, CLIENT_ID, "azp", "\"scp\":\"analysis photos.read\"");
  }

  static String v1Payload() {
    return payload("1.0", V1_ISSUER, "api://" + CLIENT_ID, "appid", "\"scp\":\"analysis\"");
  }

  static String appOnlyPayload() {
    return payload(
        "2.0", ISSUER, CLIENT_ID, "azp", "\"idtyp\":\"app\",\"roles\":[\"Photos.Read.All\"]");
  }

  private static String payload(String ver, String iss, String aud, String actor, String rights) {
    long now = NOW.getEpochSecond();
    return "{\"aud\":\"%s\",\"iss\":\"%s\",\"iat\":%d,\"nbf\":%d,\"exp\":%d,"
            .formatted(aud, iss, now, now, now + 3600)
        + "\"%s\":\"%s\",\"%sacr\":\"0\",\"oid\":\"%s\",\"sub\":\"pairwise\","
            .formatted(actor, CLIENT_ID, actor, TENANT)
        + rights
        + ",\"tid\":\"%s\",\"uti\":\"an-id\",\"ver\":\"%s\",\"xms_cc\":[\"cp1\"]}"
            .formatted(TENANT, ver);
  }

  /** A token of these bytes, signed by the key of the set. */
  static String signed(byte[] header, byte[] payload) {
    String covered = base64Url(header) + "." + base64Url(payload);
    try {
      Signature engine = Signature.getInstance("SHA256withRSA");
      engine.initSign(PAIR.getPrivate());
      engine.update(covered.getBytes(StandardCharsets.US_ASCII));
      return covered + "." + base64Url(engine.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String signed(String header, String payload) {
    return signed(
        header.getBytes(StandardCharsets.UTF_8), payload.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with a signature that {@link CheapSignatures} takes for one of that key. */
  static String cheaplySigned(byte[] header, byte[] payload) {
    String covered = base64Url(header) + "." + base64Url(payload);
    byte[] bytes = covered.getBytes(StandardCharsets.US_ASCII);
    return covered + "." + base64Url(CheapSignatures.sign(bytes));
  }

  static EntraTokenValidator validator() {
    return options().build();
  }

  static EntraTokenValidator cheapValidator() {
    return options().signatureProvider(new CheapSignatures()).build();
  }

  private static EntraTokenValidatorBuilder options() {
    return EntraTokenValidator.builder(TENANT, Audience.of("api://" + CLIENT_ID, CLIENT_ID))
        .authorityHost(URI.create(HOST))
        .httpClient(serving("{\"keys\":[" + JWK + "]}"))
        .clock(Clock.fixed(NOW, ZoneOffset.UTC));
  }

  /** Answers discovery and keys from memory; no call reaches a network. */
  private static OkHttpClient serving(String keys) {
    String discovery =
        "{\"issuer\":\"" + ISSUER + "\",\"jwks_uri\":\"" + HOST + "/discovery/v2.0/keys\"}";
    return new OkHttpClient.Builder()
        .addInterceptor(
            chain ->
                new Response.Builder()
                    .request(chain.request())
                    .protocol(Protocol.HTTP_1_1)
                    .code(200)
                    .message("OK")
                    .body(
                        ResponseBody.create(
                            chain.request().url().encodedPath().endsWith("/keys")
                                ? keys
                                : discovery,
                            MediaType.get("application/json")))
                    .build())
        .build();
  }

  private static KeyPair pair() {
    try {
      SecureRandom same = SecureRandom.getInstance("SHA1PRNG");
      same.setSeed(1);
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048, same);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
