// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Describes one token and mints it. Left alone it is a good delegated access token for the API it
 * was asked for, with the claims that Entra puts there; everything may be changed, up to the raw
 * text of both parts, and an {@link Attack} spoils it in one named way.
 *
 * <p>Not thread-safe; each {@link #mint()} makes a new token of the same description.
 */
public final class TokenBuilder {
  /** What a token needs to know of its stand-in. */
  record Issuance(Clock clock, Issuers issuers, KeyRing keys) {}

  /** The kinds of token that Entra hands out. */
  enum Kind {
    DELEGATED,
    APP_ONLY,
    ID_TOKEN,
    GRAPH
  }

  /** How to sign: the {@code alg} that the header names, and the signature itself. */
  private record Seal(String alg, Jws.Signer signer) {}

  /** One more change to a map of members, applied in the order given. */
  private interface Edit extends Consumer<Map<String, @Nullable Object>> {}

  /** Longer than the usual skew of five minutes. */
  private static final Duration WELL_PAST_SKEW = Duration.ofMinutes(10);

  final Issuance issuance;
  final App api;
  Kind kind = Kind.DELEGATED;
  TokenVersion version;
  UUID tenant;
  UUID client = UUID.randomUUID();
  String clientAuthentication = "0";
  User user;
  List<String> scopes;
  List<String> roles = List.of();
  Instant issuedAt;
  Duration lifetime = Duration.ofHours(1);

  private SigningKey key;
  private @Nullable Seal seal;
  private final List<Edit> headerEdits = new ArrayList<>();
  private final List<Edit> claimEdits = new ArrayList<>();
  private UnaryOperator<String> headerText = UnaryOperator.identity();
  private UnaryOperator<byte[]> payloadBytes = UnaryOperator.identity();
  private UnaryOperator<String> compact = UnaryOperator.identity();

  TokenBuilder(Issuance issuance, UUID tenant, App api) {
    this.issuance = issuance;
    this.api = Objects.requireNonNull(api, "api");
    this.version = api.tokenVersion();
    this.tenant = tenant;
    this.user = new User(tenant, UUID.randomUUID(), "Somebody", "somebody@fabric.example");
    this.scopes = api.scopes();
    this.issuedAt = issuance.clock().instant();
    this.key = issuance.keys().current();
  }

  /**
   * The tenant that issues the token.
   *
   * @param tenant default the stand-in's first tenant
   * @return this
   */
  public TokenBuilder tenant(Tenant tenant) {
    this.tenant = tenant.id();
    return this;
  }

  /**
   * The client that acts.
   *
   * @param client default some public client
   * @return this
   */
  public TokenBuilder client(App client) {
    this.client = client.clientId();
    this.clientAuthentication = client.secret().isPresent() ? "1" : "0";
    return this;
  }

  /**
   * The user on whose behalf the client acts; the token comes from this user's tenant.
   *
   * @param user default a random one
   * @return this
   */
  public TokenBuilder user(User user) {
    this.user = user;
    this.tenant = user.tenant();
    return this;
  }

  /**
   * The form of the token.
   *
   * @param version default what the API accepts
   * @return this
   */
  public TokenBuilder version(TokenVersion version) {
    this.version = Objects.requireNonNull(version, "version");
    return this;
  }

  /**
   * The scopes of a delegated token.
   *
   * @param scopes default all that the API exposes; none leaves {@code scp} out
   * @return this
   */
  public TokenBuilder scopes(String... scopes) {
    this.scopes = List.of(scopes);
    return this;
  }

  /**
   * The app roles: on a delegated token those of the user, on an app-only one those of the client.
   *
   * @param roles default none, which leaves {@code roles} out
   * @return this
   */
  public TokenBuilder roles(String... roles) {
    this.roles = List.of(roles);
    return this;
  }

  /**
   * Makes it an app-only token: no user, no {@code scp}, {@code sub} equal to {@code oid}.
   *
   * @return this
   */
  public TokenBuilder appOnly() {
    this.kind = Kind.APP_ONLY;
    return this;
  }

  /**
   * Makes it an ID token for the client, which no API may accept.
   *
   * @return this
   */
  public TokenBuilder idToken() {
    this.kind = Kind.ID_TOKEN;
    return this;
  }

  /**
   * Makes it a token for Microsoft Graph: its header has a {@code nonce}, and its signature is over
   * a header in which that nonce is hashed, so that nobody but Graph can verify it.
   *
   * @return this
   */
  public TokenBuilder graphToken() {
    this.kind = Kind.GRAPH;
    this.version = TokenVersion.V1;
    return this;
  }

  /**
   * Another audience.
   *
   * @param audience the claim {@code aud}; default the client id (v2) or the App ID URI (v1)
   * @return this
   */
  public TokenBuilder audience(String audience) {
    return claim("aud", audience);
  }

  /**
   * Another issuer.
   *
   * @param issuer the claim {@code iss}
   * @return this
   */
  public TokenBuilder issuer(String issuer) {
    return claim("iss", issuer);
  }

  /**
   * When the token was asked for. {@code iat} and {@code nbf} lie five minutes before it, as at
   * Entra.
   *
   * @param issuedAt default now, by the stand-in's clock
   * @return this
   */
  public TokenBuilder issuedAt(Instant issuedAt) {
    this.issuedAt = Objects.requireNonNull(issuedAt, "issuedAt");
    return this;
  }

  /**
   * How long the token lives from {@link #issuedAt}.
   *
   * @param lifetime default one hour; negative makes it expired
   * @return this
   */
  public TokenBuilder lifetime(Duration lifetime) {
    this.lifetime = Objects.requireNonNull(lifetime, "lifetime");
    return this;
  }

  /**
   * Lets it have expired ten minutes ago.
   *
   * @return this
   */
  public TokenBuilder expired() {
    return lifetime(WELL_PAST_SKEW.negated());
  }

  /**
   * Lets it become valid in ten minutes.
   *
   * @return this
   */
  public TokenBuilder notYetValid() {
    return claim("nbf", issuedAt.plus(WELL_PAST_SKEW).getEpochSecond());
  }

  /**
   * Sets a claim.
   *
   * @param name the claim
   * @param value a text, number, boolean, list, map or null
   * @return this
   */
  public TokenBuilder claim(String name, @Nullable Object value) {
    claimEdits.add(claims -> claims.put(name, value));
    return this;
  }

  /**
   * Leaves a claim out.
   *
   * @param name the claim; one that is not there is no error
   * @return this
   */
  public TokenBuilder withoutClaim(String name) {
    claimEdits.add(claims -> claims.remove(name));
    return this;
  }

  /**
   * Sets a header member.
   *
   * @param name the member
   * @param value a text, number, boolean, list, map or null
   * @return this
   */
  public TokenBuilder header(String name, @Nullable Object value) {
    headerEdits.add(header -> header.put(name, value));
    return this;
  }

  /**
   * Leaves a header member out.
   *
   * @param name the member; one that is not there is no error
   * @return this
   */
  public TokenBuilder withoutHeader(String name) {
    headerEdits.add(header -> header.remove(name));
    return this;
  }

  /**
   * Signs with this key instead of the current one, and names it.
   *
   * @param key a key of this or of any stand-in, or one of its own
   * @return this
   */
  public TokenBuilder signedBy(SigningKey key) {
    this.key = Objects.requireNonNull(key, "key");
    return this;
  }

  /**
   * The header as it shall be encoded and signed, so that members may stand twice.
   *
   * @param json anything; not checked
   * @return this
   */
  public TokenBuilder rawHeader(String json) {
    Objects.requireNonNull(json, "json");
    return editHeader(generated -> json);
  }

  /**
   * The payload as it shall be encoded and signed, so that claims may stand twice.
   *
   * @param json anything; not checked
   * @return this
   */
  public TokenBuilder rawPayload(String json) {
    Objects.requireNonNull(json, "json");
    return editPayload(generated -> json);
  }

  /**
   * Spoils the token in one named way.
   *
   * @param attack the way; several may be combined where that makes sense
   * @return this
   */
  public TokenBuilder attack(Attack attack) {
    attack.spoil(this);
    return this;
  }

  /**
   * Mints the token.
   *
   * @return its compact form; keep it out of logs
   */
  public String mint() {
    Map<String, @Nullable Object> header = header();
    String shown = headerText.apply(Json.write(header));
    String signed = shown;
    if (kind == Kind.GRAPH && header.get("nonce") instanceof String nonce) {
      byte[] hashed = Jws.digest("SHA-256", nonce.getBytes(StandardCharsets.US_ASCII));
      signed = shown.replace(nonce, Jws.base64Url(hashed));
    }
    String payload = Jws.base64Url(payload());
    byte[] signature = Jws.sign(seal().signer(), Jws.base64Url(signed) + "." + payload);
    return compact.apply(Jws.base64Url(shown) + "." + payload + "." + Jws.base64Url(signature));
  }

  TokenBuilder sealedWith(String alg, Jws.Signer signer) {
    this.seal = new Seal(alg, signer);
    return this;
  }

  TokenBuilder editHeader(UnaryOperator<String> edit) {
    headerText = edit;
    return this;
  }

  TokenBuilder editPayload(UnaryOperator<String> edit) {
    return editPayloadBytes(
        bytes ->
            edit.apply(new String(bytes, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
  }

  TokenBuilder editPayloadBytes(UnaryOperator<byte[]> edit) {
    payloadBytes = edit;
    return this;
  }

  TokenBuilder editCompact(UnaryOperator<String> edit) {
    compact = edit;
    return this;
  }

  SigningKey key() {
    return key;
  }

  String issuerOf(UUID someTenant) {
    return issuance.issuers().of(version, someTenant.toString());
  }

  private Seal seal() {
    return seal == null ? new Seal("RS256", Jws.rs256(key.privateKey())) : seal;
  }

  private Map<String, @Nullable Object> header() {
    Map<String, @Nullable Object> header = new LinkedHashMap<>();
    header.put("typ", "JWT");
    if (kind == Kind.GRAPH) {
      header.put("nonce", Claims.random(32));
    }
    header.put("alg", seal().alg());
    if (version == TokenVersion.V1) {
      header.put("x5t", key.thumbprint());
    }
    header.put("kid", key.kid());
    headerEdits.forEach(edit -> edit.accept(header));
    return header;
  }

  private byte[] payload() {
    Map<String, @Nullable Object> claims = Claims.of(this);
    claimEdits.forEach(edit -> edit.accept(claims));
    return payloadBytes.apply(Json.write(claims).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "TokenBuilder[" + kind + " " + version + " for " + api + "]";
  }
}
