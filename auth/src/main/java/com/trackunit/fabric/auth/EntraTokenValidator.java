// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.Ticker;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a Microsoft Entra ID access token is valid for one API and one tenant; v1 and v2
 * tokens, RS256.
 *
 * <pre>{@code
 * var validator = EntraTokenValidator.builder(tenantId, Audience.of("api://" + clientId, clientId)).build();
 * AccessToken caller = validator.validate(bearerToken);
 * caller.requireScope("analysis");
 * }</pre>
 *
 * <p>It keeps the tenant's signing keys, fetched ahead of time by one daemon thread of its own
 * ({@code fabric-auth-keys-1}). Thread-safe; make one per tenant and API, and close it with the
 * service. No byte of a token and no claim reaches a log or an exception.
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/access-tokens">Access tokens in
 *     the Microsoft identity platform</a>
 */
public final class EntraTokenValidator implements HealthSource, AutoCloseable {
  private final TokenPolicy policy;
  private final KeyRing keys;
  private final AuthorityClient authority;
  private final @Nullable OkHttpClient ownHttp;

  private EntraTokenValidator(Builder options) {
    this.policy =
        new TokenPolicy(
            options.tenant,
            new Issuers(options.authorityHost),
            options.audience,
            options.clock,
            options.clockSkew);
    OkHttpClient http = options.http == null ? new OkHttpClient() : options.http;
    this.ownHttp = options.http == null ? http : null;
    this.authority =
        new AuthorityClient(
            http, options.authorityHost, options.tenant.toString(), options.timing.fetchTimeout());
    this.keys = new KeyRing(authority, options.timing, options.ticker);
    keys.start();
  }

  /**
   * A validator for the tokens of one tenant.
   *
   * @param tenantId the tenant's id, as {@code AZUREAD__TENANTID} has it
   * @param audience the names of the API that asks
   * @return its options
   */
  public static Builder builder(UUID tenantId, Audience audience) {
    return new Builder(tenantId, audience);
  }

  /**
   * A validator for the tokens of one tenant.
   *
   * @param tenantId the tenant's id, a GUID in its full form
   * @param audience the names of the API that asks
   * @return its options
   * @throws IllegalArgumentException if the id is no GUID; {@code common} and domain names are none
   */
  public static Builder builder(String tenantId, Audience audience) {
    UUID guid = Guid.parse(tenantId);
    if (guid == null) {
      throw new IllegalArgumentException(
          "tenantId: \""
              + tenantId
              + "\" is not a GUID such as 72f988bf-86f1-41af-91ab-2d7cd011db47");
    }
    return builder(guid, audience);
  }

  /**
   * Decides about a token. It blocks only where there are no keys at all, or the token names a key
   * that is not known yet and may be asked for now: then for at most the fetch timeout and a
   * second.
   *
   * @param bearerToken the token alone, without {@code Bearer}; null or empty counts as none
   * @return what the token says
   * @throws InvalidTokenException if the token is refused (401)
   * @throws KeysUnavailableException if it cannot be decided for want of keys (503), also if the
   *     thread is interrupted meanwhile, which stays set
   * @throws IllegalStateException if keys are needed and this validator is closed
   */
  public AccessToken validate(@Nullable String bearerToken) {
    CompactToken token = CompactToken.parse(bearerToken);
    // Nothing in the token is believed yet. But a claim that refuses it does so more cheaply than a
    // key, says more, and keeps other people's tokens from making us fetch keys.
    UUID actor = policy.check(token.claims());
    SigningKey key = keys.find(token.kid());
    policy.check(key);
    if (!key.verifies(token)) {
      throw new InvalidTokenException(Reason.SIGNATURE_INVALID);
    }
    return new AccessToken(token.claims(), actor);
  }

  /**
   * Whether tokens can be decided now.
   *
   * @return {@code entra-keys}: up while there are signing keys young enough to be used
   */
  @Override
  public Health health() {
    return keys.health();
  }

  /**
   * Ends fetching and lets waiting callers go. Idempotent; does not wait. An OkHttp client that was
   * given is left alone.
   */
  @Override
  public void close() {
    keys.close();
    authority.close();
    if (ownHttp != null) {
      ownHttp.connectionPool().evictAll();
    }
  }

  @Override
  public String toString() {
    return "EntraTokenValidator[" + health().detail() + "]";
  }

  /** The options of a validator. Each setter refuses a bad value at once. Not thread-safe. */
  public static final class Builder {
    private static final URI PUBLIC_CLOUD = URI.create("https://login.microsoftonline.com");

    private final UUID tenant;
    private final Audience audience;
    private URI authorityHost = PUBLIC_CLOUD;
    private @Nullable OkHttpClient http;
    private Clock clock = Clock.systemUTC();
    private Ticker ticker = Ticker.system();
    private Duration clockSkew = Duration.ofMinutes(5);
    private KeyTiming timing =
        new KeyTiming(
            Duration.ofHours(1),
            Duration.ofHours(24),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5));

    private Builder(UUID tenant, Audience audience) {
      this.tenant = Objects.requireNonNull(tenant, "tenantId");
      this.audience = Objects.requireNonNull(audience, "audience");
    }

    /**
     * The authority that issues the tokens, as {@code AZUREAD__INSTANCE} has it. Default {@code
     * https://login.microsoftonline.com}; also {@code https://login.microsoftonline.us} and {@code
     * https://login.partner.microsoftonline.cn}.
     *
     * @param authorityHost https, host and if need be port; a slash at the end does not matter
     * @return this
     * @throws IllegalArgumentException if it is not https, or has more to it
     */
    public Builder authorityHost(URI authorityHost) {
      String path = authorityHost.getRawPath();
      boolean isBare =
          (path == null || path.isEmpty() || path.equals("/"))
              && authorityHost.getRawQuery() == null
              && authorityHost.getRawFragment() == null
              && authorityHost.getRawUserInfo() == null;
      if (!"https".equals(authorityHost.getScheme())
          || authorityHost.getHost() == null
          || !isBare) {
        throw new IllegalArgumentException(
            "authorityHost: expected https://host or https://host:port and nothing more");
      }
      this.authorityHost =
          URI.create("https://" + authorityHost.getRawAuthority().toLowerCase(Locale.ROOT));
      return this;
    }

    /**
     * The client that fetches keys. Its pool, proxy, TLS and interceptors are used; redirects,
     * cookies and cache are not. Default: one of the validator's own.
     *
     * @param http stays the caller's to close
     * @return this
     */
    public Builder httpClient(OkHttpClient http) {
      this.http = Objects.requireNonNull(http, "httpClient");
      return this;
    }

    /**
     * The wall clock that {@code exp} and {@code nbf} are compared with. Default: the machine's.
     *
     * @param clock of any zone
     * @return this
     */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * The monotonic clock that ages keys and spaces fetches. Default: the machine's.
     *
     * @param ticker the clock
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = Objects.requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * How far the issuer's clock and ours may differ.
     *
     * @param clockSkew 0 to 10 minutes; default 5 minutes
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder clockSkew(Duration clockSkew) {
      within("clockSkew", clockSkew, Duration.ZERO, Duration.ofMinutes(10));
      this.clockSkew = clockSkew;
      return this;
    }

    /**
     * How long after a success keys are fetched again, less up to a tenth of jitter.
     *
     * @param refreshEvery 1 minute to 24 hours; default 1 hour
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder refreshEvery(Duration refreshEvery) {
      within("refreshEvery", refreshEvery, Duration.ofMinutes(1), Duration.ofHours(24));
      this.timing =
          new KeyTiming(
              refreshEvery, timing.maxAge(), timing.unknownKidWindow(), timing.fetchTimeout());
      return this;
    }

    /**
     * How long the last good keys serve while they cannot be fetched again; then the answer is 503.
     *
     * @param maxKeyAge 1 minute to 7 days, at least {@link #refreshEvery}; default 24 hours
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder maxKeyAge(Duration maxKeyAge) {
      within("maxKeyAge", maxKeyAge, Duration.ofMinutes(1), Duration.ofDays(7));
      this.timing =
          new KeyTiming(
              timing.refreshEvery(), maxKeyAge, timing.unknownKidWindow(), timing.fetchTimeout());
      return this;
    }

    /**
     * At most one fetch in this time because tokens name keys that are not known; within it such
     * tokens are refused at once.
     *
     * @param unknownKidWindow 1 second to 1 hour; default 30 s
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder unknownKidWindow(Duration unknownKidWindow) {
      within("unknownKidWindow", unknownKidWindow, Duration.ofSeconds(1), Duration.ofHours(1));
      this.timing =
          new KeyTiming(
              timing.refreshEvery(), timing.maxAge(), unknownKidWindow, timing.fetchTimeout());
      return this;
    }

    /**
     * The longest that one fetch takes, discovery and keys together.
     *
     * @param fetchTimeout 100 ms to 1 minute; default 5 s
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder fetchTimeout(Duration fetchTimeout) {
      within("fetchTimeout", fetchTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
      this.timing =
          new KeyTiming(
              timing.refreshEvery(), timing.maxAge(), timing.unknownKidWindow(), fetchTimeout);
      return this;
    }

    /**
     * Makes the validator and begins to fetch keys, without waiting for them.
     *
     * @return a validator, to be closed by the caller
     * @throws IllegalArgumentException if {@link #maxKeyAge} is less than {@link #refreshEvery}
     */
    public EntraTokenValidator build() {
      if (timing.maxAge().compareTo(timing.refreshEvery()) < 0) {
        throw new IllegalArgumentException(
            "maxKeyAge: "
                + timing.maxAge()
                + " is less than refreshEvery: "
                + timing.refreshEvery());
      }
      return new EntraTokenValidator(this);
    }

    private static void within(String option, Duration value, Duration from, Duration to) {
      if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
        throw new IllegalArgumentException(
            option + ": " + value + " is out of bounds, expected " + from + " to " + to);
      }
    }
  }
}
