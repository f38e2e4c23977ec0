// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a Microsoft Entra ID access token is valid for one API: v1 and v2 tokens, of one
 * tenant, of a list, or of any organisation.
 *
 * <pre>{@code
 * var validator = EntraTokenValidator.builder(tenantId, Audience.of("api://" + clientId, clientId)).build();
 * AccessToken caller = validator.validate(bearerToken);
 * caller.requireScope("analysis");
 * }</pre>
 *
 * <p>It keeps the authority's signing keys, fetched ahead of time by one daemon thread of its own
 * ({@code fabric-auth-keys-1}), and for some minutes the tokens that it has verified. Thread-safe;
 * make one per API, and close it with the service. No byte of a token and no claim reaches a log or
 * an exception.
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/access-tokens">Access tokens in
 *     the Microsoft identity platform</a>
 */
public final class EntraTokenValidator implements HealthSource, AutoCloseable {
  private final TokenJudge judge;
  private final KeyRing keys;
  private final AuthorityClient authority;
  private final Executor completer;
  private final @Nullable AuthMetrics metrics;
  private final @Nullable OkHttpClient ownHttp;

  EntraTokenValidator(EntraTokenValidatorBuilder options) {
    OkHttpClient http = options.http == null ? new OkHttpClient() : options.http;
    this.ownHttp = options.http == null ? http : null;
    this.metrics = options.registry == null ? null : new AuthMetrics(options.registry);
    this.completer = options.executor == null ? ForkJoinPool.commonPool() : options.executor;
    SignatureRules rules = options.signatureRules();
    String segment = options.tenants.segment();
    this.authority =
        new AuthorityClient(http, options.authority, segment, rules, options.timing.fetchTimeout());
    KeyFile file =
        options.keyFile == null
            ? null
            : new KeyFile(
                options.keyFile, options.authority.discovery(segment), rules, options.clock);
    this.keys = new KeyRing(() -> fetch(file), options.timing, options.ticker, options.executor);
    this.judge =
        new TokenJudge(
            rules,
            options.policy(),
            keys,
            options.memory(metrics),
            options.authority.authorization(segment).toString());
    if (metrics != null) {
      metrics.observe(keys::status);
    }
    keys.start(file == null ? null : file.recall());
  }

  private KeySet fetch(@Nullable KeyFile file) throws IOException {
    boolean hasSucceeded = false;
    try {
      KeySet set = authority.fetch();
      hasSucceeded = true;
      if (file != null) {
        file.remember(set);
      }
      return set;
    } finally {
      if (metrics != null) {
        metrics.refresh(hasSucceeded);
      }
    }
  }

  /**
   * A validator for the tokens of one tenant.
   *
   * @param tenantId the tenant's id, as {@code AZUREAD__TENANTID} has it
   * @param audience the names of the API that asks
   * @return its options
   */
  public static EntraTokenValidatorBuilder builder(UUID tenantId, Audience audience) {
    return builder(Tenants.only(tenantId), audience);
  }

  /**
   * A validator for the tokens of several tenants, or of any organisation.
   *
   * @param tenants whose tokens are accepted
   * @param audience the names of the API that asks
   * @return its options
   */
  public static EntraTokenValidatorBuilder builder(Tenants tenants, Audience audience) {
    return new EntraTokenValidatorBuilder(tenants, audience);
  }

  /**
   * A validator for the tokens of one tenant.
   *
   * @param tenantId the tenant's id, a GUID in its full form
   * @param audience the names of the API that asks
   * @return its options
   * @throws IllegalArgumentException if the id is no GUID; {@code common} and domain names are none
   */
  public static EntraTokenValidatorBuilder builder(String tenantId, Audience audience) {
    UUID guid = tenantId == null ? null : Guid.parse(tenantId);
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
   * second, and no more than 64 callers at a time; the next ones are refused at once.
   *
   * @param bearerToken the token alone, without {@code Bearer}; null or empty counts as none
   * @return what the token says
   * @throws InvalidTokenException if the token is refused (401)
   * @throws AccessDeniedException if its client is not one of the {@link
   *     EntraTokenValidatorBuilder#actors} (403)
   * @throws KeysUnavailableException if it cannot be decided for want of keys (503), also if the
   *     thread is interrupted meanwhile, which stays set
   * @throws IllegalStateException if keys are needed and this validator is closed
   */
  public AccessToken validate(@Nullable String bearerToken) {
    try {
      AccessToken token = judge.judge(bearerToken);
      count(null);
      return token;
    } catch (AuthException e) {
      count(e);
      throw e;
    }
  }

  /**
   * Decides about a token without ever blocking. Where the key is known, which is nearly always,
   * the stage is complete on return; otherwise it completes on the {@link
   * EntraTokenValidatorBuilder#executor}.
   *
   * @param bearerToken the token alone, without {@code Bearer}; null or empty counts as none
   * @return completes with what the token says, or with the exceptions of {@link #validate}
   */
  public CompletionStage<AccessToken> validateAsync(@Nullable String bearerToken) {
    CompletableFuture<AccessToken> verdict = judge.judgeLater(bearerToken, completer);
    return metrics == null ? verdict : counted(verdict);
  }

  /** A stage of its own: one that depends on the verdict would wrap the exception. */
  private CompletionStage<AccessToken> counted(CompletableFuture<AccessToken> verdict) {
    CompletableFuture<AccessToken> counted = new CompletableFuture<>();
    var unused =
        verdict.whenComplete(
            (token, failure) -> {
              count(failure);
              TokenJudge.complete(counted, token, failure);
            });
    return counted;
  }

  private void count(@Nullable Throwable failure) {
    if (metrics == null) {
      return;
    }
    if (failure == null) {
      metrics.accepted();
    } else if (failure instanceof AuthException refusal) {
      metrics.refused(refusal.reason());
    }
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
   * What is known of the signing keys now, for operators.
   *
   * @return a snapshot
   */
  public KeyStatus keyStatus() {
    return keys.status();
  }

  /**
   * Ends fetching and lets waiting callers go. Idempotent; does not wait. An OkHttp client that was
   * given is left alone, and so is an executor.
   */
  @Override
  public void close() {
    keys.close();
    authority.close();
    if (metrics != null) {
      metrics.close();
    }
    if (ownHttp != null) {
      ownHttp.connectionPool().evictAll();
    }
  }

  @Override
  public String toString() {
    return "EntraTokenValidator[" + health().detail() + "]";
  }
}
