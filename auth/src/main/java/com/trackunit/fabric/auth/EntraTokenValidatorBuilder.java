// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The options of an {@link EntraTokenValidator}. Each setter refuses a bad value at once. Not
 * thread-safe.
 */
public final class EntraTokenValidatorBuilder {
  private static final int MAX_CACHED_TOKENS = 1_000_000;

  final Tenants tenants;
  private final Audience audience;
  Authority authority = Authority.of(EntraCloud.PUBLIC);
  private Set<SignatureAlgorithm> algorithms = EnumSet.of(SignatureAlgorithm.RS256);
  private Set<UUID> actors = Set.of();
  private final Set<Relaxation> relaxations = EnumSet.noneOf(Relaxation.class);
  @Nullable OkHttpClient http;
  @Nullable Executor executor;
  private @Nullable Provider provider;
  @Nullable MeterRegistry registry;
  @Nullable Path keyFile;
  Clock clock = Clock.systemUTC();
  Ticker ticker = Ticker.system();
  private Duration clockSkew = Duration.ofMinutes(5);
  private int cachedTokens = 4096;
  private Duration cachedFor = Duration.ofMinutes(5);
  KeyTiming timing = KeyTiming.usual();

  EntraTokenValidatorBuilder(Tenants tenants, Audience audience) {
    this.tenants = Objects.requireNonNull(tenants, "tenants");
    this.audience = Objects.requireNonNull(audience, "audience");
  }

  /**
   * Who issues the tokens: a cloud, or an External ID tenant. Default: the public cloud.
   *
   * @param authority such as {@code Authority.of(EntraCloud.US_GOVERNMENT)}
   * @return this
   */
  public EntraTokenValidatorBuilder authority(Authority authority) {
    this.authority = Objects.requireNonNull(authority, "authority");
    return this;
  }

  /**
   * The same by its address, as {@code AZUREAD__INSTANCE} has it: {@link Authority#at}.
   *
   * @param authorityHost https, host and if need be port; a slash at the end does not matter
   * @return this
   * @throws IllegalArgumentException if it is not https, or has more to it
   */
  public EntraTokenValidatorBuilder authorityHost(URI authorityHost) {
    return authority(Authority.at(authorityHost));
  }

  /**
   * The client applications that may call at all. Default: any that Entra ID issues a token to.
   *
   * @param clientIds at least one; a token of another client is denied (403)
   * @return this
   * @throws IllegalArgumentException if there is none
   */
  public EntraTokenValidatorBuilder actors(UUID... clientIds) {
    if (clientIds.length == 0) {
      throw new IllegalArgumentException("actors: none, expected at least one client id");
    }
    this.actors = new HashSet<>(List.of(clientIds));
    return this;
  }

  /**
   * The signature algorithms that are accepted. Default: RS256, the only one that Entra ID uses.
   *
   * @param first one of them
   * @param more the others
   * @return this
   */
  public EntraTokenValidatorBuilder algorithms(
      SignatureAlgorithm first, SignatureAlgorithm... more) {
    this.algorithms = EnumSet.of(first, more);
    return this;
  }

  /**
   * Gives up rules that some real tokens do not follow. Default: none.
   *
   * @param rules each lets more callers in
   * @return this
   */
  public EntraTokenValidatorBuilder relax(Relaxation... rules) {
    relaxations.addAll(List.of(rules));
    return this;
  }

  /**
   * How many verified tokens are kept, and for how long, so that the next request with the same
   * token costs no signature. Time, policy and key are checked again each time; a token that was
   * refused is never kept. One costs about 8 kB.
   *
   * @param maxTokens 0 to 1,000,000; 0 keeps none; default 4096
   * @param maxAge 1 second to 1 hour; default 5 minutes
   * @return this
   * @throws IllegalArgumentException if one is out of bounds
   */
  public EntraTokenValidatorBuilder tokenCache(int maxTokens, Duration maxAge) {
    if (maxTokens < 0 || maxTokens > MAX_CACHED_TOKENS) {
      throw new IllegalArgumentException(
          "tokenCache: " + maxTokens + " tokens, expected 0 to " + MAX_CACHED_TOKENS);
    }
    within("tokenCache", maxAge, Duration.ofSeconds(1), Duration.ofHours(1));
    this.cachedTokens = maxTokens;
    this.cachedFor = maxAge;
    return this;
  }

  /**
   * A file that keeps the last good keys over a restart. Default: none.
   *
   * @param keyFile written with mode 0600 after each fetch; its folder must exist. One that others
   *     own, may read or write, or of another authority, is not used
   * @return this
   * @throws IllegalArgumentException if it names no file
   */
  public EntraTokenValidatorBuilder keyFile(Path keyFile) {
    if (keyFile.getFileName() == null) {
      throw new IllegalArgumentException("keyFile: " + keyFile + " names no file");
    }
    this.keyFile = keyFile;
    return this;
  }

  /**
   * The JCA provider that verifies signatures. Default: the JDK's choice.
   *
   * @param provider such as Conscrypt's or Corretto's; need not be installed
   * @return this
   */
  public EntraTokenValidatorBuilder signatureProvider(Provider provider) {
    this.provider = Objects.requireNonNull(provider, "signatureProvider");
    return this;
  }

  /**
   * Runs key fetches, and completes stages that had to wait for one. Default: fetches run on the
   * validator's own thread, stages complete on the common pool.
   *
   * @param executor may block for the fetch timeout; stays the caller's to shut down
   * @return this
   */
  public EntraTokenValidatorBuilder executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Counts validations by outcome, cache hits and refreshes, and shows number and age of keys:
   * {@code fabric.auth.*}. Validators that share a registry are counted together, and only the
   * first of them shows its keys. Default: nobody counts.
   *
   * @param registry stays the caller's to close
   * @return this
   */
  public EntraTokenValidatorBuilder meterRegistry(MeterRegistry registry) {
    this.registry = Objects.requireNonNull(registry, "meterRegistry");
    return this;
  }

  /**
   * The client that fetches keys. Its pool, proxy, TLS and interceptors are used; redirects,
   * cookies and cache are not. Default: one of the validator's own.
   *
   * @param http stays the caller's to close
   * @return this
   */
  public EntraTokenValidatorBuilder httpClient(OkHttpClient http) {
    this.http = Objects.requireNonNull(http, "httpClient");
    return this;
  }

  /**
   * The wall clock that {@code exp} and {@code nbf} are compared with. Default: the machine's.
   *
   * @param clock of any zone
   * @return this
   */
  public EntraTokenValidatorBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /**
   * The monotonic clock that ages keys and spaces fetches. Default: the machine's.
   *
   * @param ticker the clock
   * @return this
   */
  public EntraTokenValidatorBuilder ticker(Ticker ticker) {
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
  public EntraTokenValidatorBuilder clockSkew(Duration clockSkew) {
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
  public EntraTokenValidatorBuilder refreshEvery(Duration refreshEvery) {
    within("refreshEvery", refreshEvery, Duration.ofMinutes(1), Duration.ofHours(24));
    this.timing = timing.withRefreshEvery(refreshEvery);
    return this;
  }

  /**
   * How long the last good keys serve while they cannot be fetched again; then the answer is 503.
   *
   * @param maxKeyAge 1 minute to 7 days, at least {@link #refreshEvery}; default 24 hours
   * @return this
   * @throws IllegalArgumentException if it is out of bounds
   */
  public EntraTokenValidatorBuilder maxKeyAge(Duration maxKeyAge) {
    within("maxKeyAge", maxKeyAge, Duration.ofMinutes(1), Duration.ofDays(7));
    this.timing = timing.withMaxAge(maxKeyAge);
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
  public EntraTokenValidatorBuilder unknownKidWindow(Duration unknownKidWindow) {
    within("unknownKidWindow", unknownKidWindow, Duration.ofSeconds(1), Duration.ofHours(1));
    this.timing = timing.withUnknownKidWindow(unknownKidWindow);
    return this;
  }

  /**
   * The longest that one fetch takes, discovery and keys together.
   *
   * @param fetchTimeout 100 ms to 1 minute; default 5 s
   * @return this
   * @throws IllegalArgumentException if it is out of bounds
   */
  public EntraTokenValidatorBuilder fetchTimeout(Duration fetchTimeout) {
    within("fetchTimeout", fetchTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
    this.timing = timing.withFetchTimeout(fetchTimeout);
    return this;
  }

  /**
   * Makes the validator and begins to fetch keys, without waiting for them. It reads the {@link
   * #keyFile}, if there is one.
   *
   * @return a validator, to be closed by the caller
   * @throws IllegalArgumentException if {@link #maxKeyAge} is less than {@link #refreshEvery}, the
   *     provider lacks an algorithm, or External ID is asked for more than one tenant
   */
  public EntraTokenValidator build() {
    if (timing.maxAge().compareTo(timing.refreshEvery()) < 0) {
      throw new IllegalArgumentException(
          "maxKeyAge: " + timing.maxAge() + " is less than refreshEvery: " + timing.refreshEvery());
    }
    if (authority.isExternalId() && !tenants.isOne()) {
      throw new IllegalArgumentException("tenants: External ID is one tenant, expected one");
    }
    for (SignatureAlgorithm algorithm : algorithms) {
      try {
        signatureRules().engine(algorithm);
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException(
            "signatureProvider: it has no " + algorithm + ", give another or leave it out", e);
      }
    }
    return new EntraTokenValidator(this);
  }

  SignatureRules signatureRules() {
    return new SignatureRules(algorithms, provider);
  }

  TokenPolicy policy() {
    return new TokenPolicy(
        authority,
        new TokenPolicy.Expectations(tenants, audience, actors, relaxations),
        clock,
        clockSkew);
  }

  TokenJudge.Memory memory(@Nullable AuthMetrics metrics) {
    TokenCache cache = cachedTokens == 0 ? null : new TokenCache(cachedTokens);
    return new TokenJudge.Memory(cache, cachedFor, clock, ticker, metrics);
  }

  private static void within(String option, Duration value, Duration from, Duration to) {
    if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
      throw new IllegalArgumentException(
          option + ": " + value + " is out of bounds, expected " + from + " to " + to);
    }
  }
}
