// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who issues the tokens: a cloud of Entra ID or an External ID (CIAM) tenant, where its documents
 * are, and how it spells its issuers. Immutable, thread-safe. Azure AD B2C is no such authority.
 */
public final class Authority {
  /** What stands for the tenant in an issuer that serves many. */
  private static final String PLACEHOLDER = "{tenantid}";

  private static final String V2_END = "/v2.0";

  private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final String CIAM_HOST = ".ciamlogin.com";
  private static final String B2C_HOST = ".b2clogin.com";

  private final URI host;
  private final String v2Begin;
  private final boolean isExternalId;
  private final @Nullable String v1Template;
  private final @Nullable UUID appWithOwnKeys;

  private Authority(
      URI host, boolean isExternalId, @Nullable String v1Template, @Nullable UUID appWithOwnKeys) {
    this.host = host;
    this.v2Begin = host + "/";
    this.isExternalId = isExternalId;
    this.v1Template = v1Template;
    this.appWithOwnKeys = appWithOwnKeys;
  }

  /**
   * A cloud at its own host.
   *
   * @param cloud such as {@link EntraCloud#PUBLIC}
   * @return that cloud
   */
  public static Authority of(EntraCloud cloud) {
    return of(cloud, cloud.host());
  }

  /**
   * A cloud at another host, such as a stand-in. Its v2 issuers stand on that host; its v1 issuers
   * are the cloud's.
   *
   * @param cloud whose form of v1 issuers it has
   * @param host https, host and if need be port; a slash at the end does not matter
   * @return that authority
   * @throws IllegalArgumentException if the host is not https, or has more to it
   */
  public static Authority of(EntraCloud cloud, URI host) {
    return new Authority(bare(host), false, cloud.v1Service() + PLACEHOLDER + "/", null);
  }

  /**
   * The authority at a host, of the cloud or kind that the host's name tells: an External ID tenant
   * at {@code {name}.ciamlogin.com}, else one of {@link EntraCloud}, the public one where nothing
   * says otherwise.
   *
   * @param host https, host and if need be port; a slash at the end does not matter
   * @return that authority
   * @throws IllegalArgumentException if the host is not https, has more to it, or is Azure AD B2C's
   */
  public static Authority at(URI host) {
    URI bare = bare(host);
    if (bare.getHost().endsWith(CIAM_HOST)) {
      return externalId(bare);
    }
    if (bare.getHost().endsWith(B2C_HOST)) {
      throw new IllegalArgumentException(
          "authorityHost: \""
              + bare
              + "\", but Azure AD B2C issues tokens by other rules and is out of scope");
    }
    for (EntraCloud cloud : EntraCloud.values()) {
      if (cloud.host().equals(bare)) {
        return of(cloud);
      }
    }
    return of(EntraCloud.PUBLIC, bare);
  }

  /**
   * An External ID (CIAM) tenant.
   *
   * @param name what stands before {@code .ciamlogin.com}
   * @return its authority; it issues v2 tokens for one tenant
   * @throws IllegalArgumentException if the name is not one part of a host name
   */
  public static Authority externalId(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!SUBDOMAIN.matcher(lower).matches()) {
      throw new IllegalArgumentException(
          "externalId: \"" + name + "\", expected the part before .ciamlogin.com, such as contoso");
    }
    return externalId(URI.create("https://" + lower + CIAM_HOST));
  }

  /**
   * An External ID (CIAM) tenant under a domain of its own.
   *
   * @param host https, host and if need be port; a slash at the end does not matter
   * @return its authority; it issues v2 tokens for one tenant
   * @throws IllegalArgumentException if the host is not https, or has more to it
   */
  public static Authority externalId(URI host) {
    return new Authority(bare(host), true, null, null);
  }

  /**
   * The same authority with another form of v1 issuers, for a cloud or a time in which they differ
   * from what is known here.
   *
   * @param template https, holding {@code {tenantid}} once
   * @return a new authority
   * @throws IllegalArgumentException if the template is not of that form, or this is External ID
   */
  public Authority withV1Issuer(String template) {
    int at = template.indexOf(PLACEHOLDER);
    if (isExternalId
        || !template.startsWith("https://")
        || at < 0
        || at != template.lastIndexOf(PLACEHOLDER)) {
      throw new IllegalArgumentException(
          "v1Issuer: \""
              + template
              + "\", expected https://host/{tenantid}/, and not for External ID");
    }
    return new Authority(host, false, template, appWithOwnKeys);
  }

  /**
   * The same authority with the keys of an application that has signing keys of its own, as claims
   * mapping and SAML sign-on need.
   *
   * @param clientId the API's client id; it is sent as {@code appid} when keys are fetched
   * @return a new authority
   */
  public Authority withKeysOf(UUID clientId) {
    return new Authority(
        host, isExternalId, v1Template, Objects.requireNonNull(clientId, "clientId"));
  }

  URI host() {
    return host;
  }

  boolean isExternalId() {
    return isExternalId;
  }

  URI discovery(String segment) {
    String query = appWithOwnKeys == null ? "" : "?appid=" + appWithOwnKeys;
    return host.resolve("/" + segment + "/v2.0/.well-known/openid-configuration" + query);
  }

  URI authorization(String segment) {
    return host.resolve("/" + segment + "/oauth2/v2.0/authorize");
  }

  /** Whether the discovery document for a segment may name this issuer. */
  boolean mayName(String issuer, String segment) {
    // External ID's stands on another host than the document: the tenant's id and .ciamlogin.com.
    return isExternalId
        ? issuer.startsWith("https://") && issuer.endsWith("/" + segment + "/v2.0")
        : issuer.equals(issuerOf(segment));
  }

  /** What the discovery document for a segment names as its issuer, for the most part. */
  String issuerOf(String segment) {
    boolean isShared = segment.equals("common") || segment.equals("organizations");
    return isExternalId
        ? "https://{host}/" + segment + "/v2.0"
        : v2(isShared ? PLACEHOLDER : segment);
  }

  /** The v1 issuer of a tenant; null where there are no v1 tokens. */
  @Nullable String v1(String tenant) {
    return v1Template == null ? null : filled(v1Template, tenant);
  }

  /** The v2 issuer of a tenant; External ID's stands in its document alone. */
  String v2(String tenant) {
    return v2Begin + tenant + V2_END;
  }

  /**
   * Whether this is {@link #v2} of a tenant; compared in its parts, for it is asked for every
   * token.
   */
  boolean isV2(String issuer, String tenant) {
    return issuer.length() == v2Begin.length() + tenant.length() + V2_END.length()
        && issuer.startsWith(v2Begin)
        && issuer.startsWith(tenant, v2Begin.length())
        && issuer.endsWith(V2_END);
  }

  /** Whether a key that names this issuer may sign for a tenant: its own, or any tenant's. */
  boolean isV2KeyIssuer(String issuer, String tenant) {
    return isV2(issuer, PLACEHOLDER) || isV2(issuer, tenant);
  }

  /** An issuer with the tenant filled in where it serves many. */
  static String filled(String issuer, String tenant) {
    return issuer.replace(PLACEHOLDER, tenant);
  }

  private static URI bare(URI host) {
    String path = host.getRawPath();
    boolean isBare =
        (path == null || path.isEmpty() || path.equals("/"))
            && host.getRawQuery() == null
            && host.getRawFragment() == null
            && host.getRawUserInfo() == null;
    if (!"https".equals(host.getScheme()) || host.getHost() == null || !isBare) {
      throw new IllegalArgumentException(
          "authorityHost: \""
              + withoutSecrets(host)
              + "\", expected https://host or https://host:port and nothing more");
    }
    return URI.create("https://" + host.getRawAuthority().toLowerCase(Locale.ROOT));
  }

  /** Scheme, host and path; a user's password or a query may stand beside them. */
  private static String withoutSecrets(URI uri) {
    String host = uri.getHost() == null ? "" : "//" + uri.getHost();
    String scheme = uri.getScheme() == null ? "" : uri.getScheme() + ":";
    return scheme + host + Objects.toString(uri.getRawPath(), "");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Authority that
        && host.equals(that.host)
        && isExternalId == that.isExternalId
        && Objects.equals(v1Template, that.v1Template)
        && Objects.equals(appWithOwnKeys, that.appWithOwnKeys);
  }

  @Override
  public int hashCode() {
    return Objects.hash(host, isExternalId, v1Template, appWithOwnKeys);
  }

  @Override
  public String toString() {
    return "Authority[" + host + (isExternalId ? ", External ID]" : "]");
  }
}
