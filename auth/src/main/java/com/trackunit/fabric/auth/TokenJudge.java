// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.auth.TokenCache.Verified;
import com.trackunit.fabric.core.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The way of a token to its verdict: cache, front door, claims, key, key's own issuer, signature.
 *
 * <p>Nothing in the token is believed before its signature. But a claim that refuses it does so
 * more cheaply than a key, says more, and keeps other people's tokens from making us fetch keys.
 * Thread-safe.
 */
final class TokenJudge {
  private final SignatureRules rules;
  private final TokenPolicy policy;
  private final KeyRing keys;
  private final Memory memory;
  private final String authorizationUri;
  private final KnownHeaders headers = new KnownHeaders();

  /**
   * What is kept of verified tokens.
   *
   * @param cache null to keep nothing
   * @param maxAge how long a token is kept
   * @param clock tells how long a token lives
   * @param ticker ages what is kept
   * @param metrics counts hits; null for nobody
   */
  record Memory(
      @Nullable TokenCache cache,
      Duration maxAge,
      Clock clock,
      Ticker ticker,
      @Nullable AuthMetrics metrics) {

    @Nullable Verified recall(@Nullable String bearerToken, KeySet current) {
      // None is there that is longer than any token; it is not worth a checksum.
      if (cache == null || bearerToken == null || bearerToken.length() > CompactToken.MAX_LENGTH) {
        return null;
      }
      Verified known = cache.get(bearerToken, current, ticker.nanos());
      if (metrics != null) {
        metrics.cache(known != null);
      }
      return known;
    }

    void keep(Candidate candidate, KeySet set) {
      if (cache == null) {
        return;
      }
      long now = ticker.nanos();
      AccessToken token = candidate.token();
      Duration life = Duration.ofMillis(token.expiry() * 1000 - clock.millis());
      long until = now + (life.compareTo(maxAge) < 0 ? life : maxAge).toNanos();
      String kid = candidate.compact().kid();
      cache.put(candidate.compact().text(), new Verified(token, set, kid, until), now);
    }
  }

  /** A token on its way, past the front door and the claims. */
  private record Candidate(CompactToken compact, AccessToken token) {}

  TokenJudge(
      SignatureRules rules,
      TokenPolicy policy,
      KeyRing keys,
      Memory memory,
      String authorizationUri) {
    this.rules = rules;
    this.policy = policy;
    this.keys = keys;
    this.memory = memory;
    this.authorizationUri = authorizationUri;
  }

  /** The verdict; waits only where the key is not known and may be asked for now. */
  AccessToken judge(@Nullable String bearerToken) {
    AccessToken known = recalled(bearerToken);
    if (known != null) {
      return known;
    }
    Candidate candidate = candidate(bearerToken);
    return verified(candidate, keys.setWith(candidate.compact().kid()));
  }

  /** The same without waiting; what completes later does so on the executor. */
  CompletableFuture<AccessToken> judgeLater(@Nullable String bearerToken, Executor completer) {
    CompletableFuture<AccessToken> verdict = new CompletableFuture<>();
    try {
      AccessToken known = recalled(bearerToken);
      if (known != null) {
        verdict.complete(known);
        return verdict;
      }
      Candidate candidate = candidate(bearerToken);
      var unused =
          keys.stageWith(candidate.compact().kid(), completer)
              .thenApply(set -> verified(candidate, set))
              .whenComplete((token, failure) -> complete(verdict, token, failure));
    } catch (RuntimeException e) {
      verdict.completeExceptionally(e);
    }
    return verdict;
  }

  /** Completes a verdict with the bare exception, as the blocking form throws it. */
  static void complete(
      CompletableFuture<AccessToken> verdict,
      @Nullable AccessToken token,
      @Nullable Throwable failure) {
    if (failure == null) {
      verdict.complete(token);
      return;
    }
    boolean isWrapped = failure instanceof CompletionException && failure.getCause() != null;
    Throwable bare = isWrapped ? failure.getCause() : failure;
    verdict.completeExceptionally(
        bare instanceof RejectedExecutionException
            ? new KeysUnavailableException("the executor that was given takes no more tasks")
            : bare);
  }

  /** A token that was verified already, if these keys still say so and the policy does. */
  private @Nullable AccessToken recalled(@Nullable String bearerToken) {
    KeySet current = keys.currentOrNull();
    if (current == null) {
      return null;
    }
    Verified known = memory.recall(bearerToken, current);
    SigningKey key = known == null ? null : current.key(known.kid());
    if (known == null || key == null) {
      return null;
    }
    policy.check(known.token());
    policy.check(known.token(), current, key);
    policy.checkActor(known.token());
    return known.token();
  }

  private Candidate candidate(@Nullable String bearerToken) {
    CompactToken compact = CompactToken.parse(bearerToken, rules, headers);
    AccessToken token = new AccessToken(compact.claims(), authorizationUri);
    policy.check(token);
    return new Candidate(compact, token);
  }

  private AccessToken verified(Candidate candidate, KeySet set) {
    AccessToken token = candidate.token();
    SigningKey key = set.key(candidate.compact().kid());
    if (key == null) {
      throw new InvalidTokenException(Reason.KID_UNKNOWN);
    }
    policy.check(token, set, key);
    if (!key.verifies(candidate.compact(), rules)) {
      throw new InvalidTokenException(Reason.SIGNATURE_INVALID);
    }
    candidate.compact().rememberHeader(headers);
    memory.keep(candidate, set);
    policy.checkActor(token);
    return token;
  }
}
