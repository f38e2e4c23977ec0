// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

/**
 * Why a token or a call was refused. The codes are stable: metrics, alerts and clients may depend
 * on them. New ones may be added, so a switch over this enum needs a default.
 */
public enum Reason {
  /** There is no token at all. */
  TOKEN_MISSING("token_missing", "no bearer token"),
  /** The token has more than 32 KiB. */
  TOKEN_TOO_LONG("token_too_long", "the token is longer than 32 KiB"),
  /** A JWE: five parts instead of three. */
  TOKEN_ENCRYPTED("token_encrypted", "encrypted tokens are not accepted"),
  /** Not three parts of canonical base64url, or a part is not strict JSON in UTF-8. */
  TOKEN_MALFORMED("token_malformed", "not a compact JWS with JSON parts"),
  /** A JSON member stands twice, at any depth, or a name we read stands there in another case. */
  DUPLICATE_MEMBER("duplicate_member", "a JSON member stands twice"),
  /** The header holds a member that could change what is verified, such as {@code jku}. */
  HEADER_REFUSED("header_refused", "a header member is not accepted"),
  /** The header's {@code typ} is neither absent nor {@code JWT} nor {@code at+jwt}. */
  TYPE_REFUSED("type_refused", "not of a token type that is accepted"),
  /** The header's {@code alg} is none that was configured, or not the one of the key. */
  ALGORITHM_REFUSED("algorithm_refused", "the signature algorithm is not accepted"),
  /** The header has no {@code kid}. */
  KID_MISSING("kid_missing", "the token does not name its key"),
  /** The tenant's key set has no such key, and it has just been asked for. */
  KID_UNKNOWN("kid_unknown", "signed with a key that the tenant does not publish"),
  /**
   * The key is unknown, and the last refresh of the key set failed, or too many tokens wait for the
   * one under way.
   */
  KEYS_STALE("keys_stale", "signed with an unknown key while keys cannot be refreshed"),
  /** The key signs for another issuer or tenant than the token's. */
  KEY_ISSUER_REFUSED("key_issuer_refused", "signed with a key of another issuer"),
  /** The key belongs to another cloud than the tenant. */
  KEY_CLOUD_REFUSED("key_cloud_refused", "signed with a key of another cloud"),
  /** The signature does not belong to these bytes and this key. */
  SIGNATURE_INVALID("signature_invalid", "the signature does not verify"),
  /** A claim that every access token has is not there. */
  CLAIM_MISSING("claim_missing", "a required claim is missing"),
  /** A claim has another type or form than Entra ID gives it. */
  CLAIM_MALFORMED("claim_malformed", "a claim is malformed"),
  /** {@code ver} is neither 1.0 nor 2.0, or does not agree with the form of {@code iss}. */
  VERSION_REFUSED("version_refused", "the token version is not accepted or contradicts the issuer"),
  /** The token comes from another issuer than the tenant's. */
  ISSUER_REFUSED("issuer_refused", "issued by another issuer"),
  /** The token belongs to another tenant. */
  TENANT_REFUSED("tenant_refused", "issued for another tenant"),
  /** A token of Azure AD B2C, whose rules are others. */
  B2C_TOKEN("b2c_token", "looks like an Azure AD B2C token, which is out of scope"),
  /** The token was issued for another API. */
  AUDIENCE_REFUSED("audience_refused", "issued for another API"),
  /** A token for Microsoft Graph, which only Graph can verify. */
  GRAPH_TOKEN("graph_token", "looks like a Microsoft Graph token; ask for a token for this API"),
  /** A token that tells a client who signed in; it is no right to call an API. */
  ID_TOKEN("id_token", "looks like an ID token; send an access token"),
  /** {@code exp} has passed. */
  TOKEN_EXPIRED("token_expired", "the token has expired"),
  /** {@code nbf} is still to come. */
  TOKEN_NOT_YET_VALID("token_not_yet_valid", "the token is not valid yet"),
  /** Neither clearly delegated nor clearly app-only. */
  KIND_UNCLEAR("kind_unclear", "neither a delegated nor an app-only token"),
  /** Neither scopes nor roles. */
  NO_PERMISSION("no_permission", "the token holds neither scopes nor roles"),
  /** The token is good, but its client application is not on the list of actors. */
  ACTOR_DENIED("actor_denied", "sent by a client application that is not accepted"),
  /** The token is good, but lacks the scope that the call needs. */
  SCOPE_MISSING("scope_missing", "a scope is missing"),
  /** The token is good, but lacks the app role that the call needs. */
  ROLE_MISSING("role_missing", "an app role is missing"),
  /** The token is good, but the call needs further claims, such as a stronger sign-in. */
  CLAIMS_INSUFFICIENT("claims_insufficient", "further claims are needed"),
  /** There are no keys to judge any token with. */
  KEYS_UNAVAILABLE("keys_unavailable", "signing keys are not available now");

  private final String code;
  private final String summary;

  Reason(String code, String summary) {
    this.code = code;
    this.summary = summary;
  }

  /**
   * The stable code, such as {@code token_expired}.
   *
   * @return lower case letters and underscores
   */
  public String code() {
    return code;
  }

  /**
   * One phrase for a person, the same for every token.
   *
   * @return only characters that RFC 6750, section 3 allows in an {@code error_description}
   */
  public String summary() {
    return summary;
  }
}
