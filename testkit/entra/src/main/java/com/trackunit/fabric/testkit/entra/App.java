// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.Secret;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An application as Entra registers it: an API, a client, or both. Immutable; the same app may be
 * registered in several tenants.
 */
public final class App {
  private final String name;
  private final UUID clientId;
  private final @Nullable Secret secret;
  private final boolean publicClient;
  private final String appIdUri;
  private final List<String> scopes;
  private final List<String> appRoles;
  private final TokenVersion tokenVersion;
  private final boolean idtypClaim;

  private App(Builder builder) {
    this.name = builder.name;
    this.clientId = builder.clientId;
    this.secret = builder.secret;
    this.publicClient = builder.publicClient;
    this.appIdUri = builder.appIdUri == null ? "api://" + builder.clientId : builder.appIdUri;
    this.scopes = builder.scopes;
    this.appRoles = builder.appRoles;
    this.tokenVersion = builder.tokenVersion;
    this.idtypClaim = builder.idtypClaim;
  }

  /**
   * A new registration.
   *
   * @param name the display name
   * @return a builder with a random client id, no secret, no scopes and no roles
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * The display name.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  /**
   * The application (client) id.
   *
   * @return the audience of v2 tokens for this app
   */
  public UUID clientId() {
    return clientId;
  }

  /**
   * The App ID URI.
   *
   * @return by default {@code api://{clientId}}
   */
  public String appIdUri() {
    return appIdUri;
  }

  /**
   * The client secret.
   *
   * @return empty for a public client or a mere API
   */
  public Optional<Secret> secret() {
    return Optional.ofNullable(secret);
  }

  /**
   * Whether the app may use flows without a secret.
   *
   * @return as built
   */
  public boolean publicClient() {
    return publicClient;
  }

  /**
   * The delegated permissions that the app exposes.
   *
   * @return an unmodifiable list
   */
  public List<String> scopes() {
    return scopes;
  }

  /**
   * The app roles that the app defines.
   *
   * @return an unmodifiable list
   */
  public List<String> appRoles() {
    return appRoles;
  }

  /**
   * The form of the access tokens for this app.
   *
   * @return {@code accessTokenAcceptedVersion} of the registration
   */
  public TokenVersion tokenVersion() {
    return tokenVersion;
  }

  boolean idtypClaim() {
    return idtypClaim;
  }

  /**
   * A scope of this app as a client asks for it.
   *
   * @param scope the name alone, or {@code .default}
   * @return App ID URI, slash, name
   */
  public String scope(String scope) {
    return appIdUri + "/" + scope;
  }

  /**
   * Whether a resource, as a scope names it, is this app; one trailing slash makes no difference.
   */
  boolean answersTo(String resource) {
    String bare = resource.endsWith("/") ? resource.substring(0, resource.length() - 1) : resource;
    return resource.equals(appIdUri)
        || bare.equals(appIdUri)
        || bare.equalsIgnoreCase(clientId.toString())
        || bare.equalsIgnoreCase("api://" + clientId);
  }

  boolean sameAs(App other) {
    return clientId.equals(other.clientId);
  }

  @Override
  public String toString() {
    return "App[" + name + ", " + clientId + "]";
  }

  /** Collects a registration. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private UUID clientId = UUID.randomUUID();
    private @Nullable Secret secret;
    private boolean publicClient;
    private @Nullable String appIdUri;
    private List<String> scopes = List.of();
    private List<String> appRoles = List.of();
    private TokenVersion tokenVersion = TokenVersion.V2;
    private boolean idtypClaim;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * The client id.
     *
     * @param clientId default random
     * @return this
     */
    public Builder clientId(UUID clientId) {
      this.clientId = Objects.requireNonNull(clientId, "clientId");
      return this;
    }

    /**
     * Makes the app a confidential client.
     *
     * @param secret its secret; default none
     * @return this
     */
    public Builder secret(Secret secret) {
      this.secret = Objects.requireNonNull(secret, "secret");
      return this;
    }

    /**
     * Allows public client flows (device code), which a registration otherwise refuses.
     *
     * @return this
     */
    public Builder publicClient() {
      this.publicClient = true;
      return this;
    }

    /**
     * The App ID URI.
     *
     * @param appIdUri default {@code api://{clientId}}
     * @return this
     */
    public Builder appIdUri(String appIdUri) {
      this.appIdUri = Objects.requireNonNull(appIdUri, "appIdUri");
      return this;
    }

    /**
     * The delegated permissions that the app exposes.
     *
     * @param scopes their names, such as {@code analysis}; default none
     * @return this
     */
    public Builder scopes(String... scopes) {
      this.scopes = List.of(scopes);
      return this;
    }

    /**
     * The app roles that the app defines.
     *
     * @param appRoles their values; default none
     * @return this
     */
    public Builder appRoles(String... appRoles) {
      this.appRoles = List.of(appRoles);
      return this;
    }

    /**
     * {@code accessTokenAcceptedVersion}.
     *
     * @param tokenVersion default {@link TokenVersion#V2} (a registration made at Entra without a
     *     word about it gets v1)
     * @return this
     */
    public Builder tokenVersion(TokenVersion tokenVersion) {
      this.tokenVersion = Objects.requireNonNull(tokenVersion, "tokenVersion");
      return this;
    }

    /**
     * Adds the optional claim {@code idtyp} to app-only tokens for this app.
     *
     * @return this
     */
    public Builder idtypClaim() {
      this.idtypClaim = true;
      return this;
    }

    /**
     * The registration.
     *
     * @return an immutable app
     */
    public App build() {
      return new App(this);
    }
  }
}
