// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a call's attempts one after the other, on the caller's thread or without one. Thread-safe.
 */
final class Retries {
  /** One attempt that blocks. */
  @FunctionalInterface
  interface Attempt<T> {
    T make(Deadline deadline);
  }

  /** Thread-safe, as the usual generators are not. */
  static final RandomGenerator JITTER = () -> ThreadLocalRandom.current().nextLong();

  private final RetrySettings settings;
  private final RetryBudget budget;
  private final Backoff backoff;
  private final Breaker breaker;
  private final Timekeeper time;
  private final IngestionMetrics metrics;

  Retries(
      RetrySettings settings, Timekeeper time, RandomGenerator random, IngestionMetrics metrics) {
    this.settings = settings;
    this.budget = settings.newBudget();
    this.backoff = Backoff.exponential(settings.firstDelay(), settings.longestDelay(), random);
    this.breaker = new Breaker(settings, time);
    this.time = time;
    this.metrics = metrics;
  }

  /** The default deadline, unless the caller has one. */
  Attempts attempts(@Nullable Deadline callers) {
    return attempts(callers, settings.deadline());
  }

  Attempts attempts(@Nullable Deadline callers, Duration otherwise) {
    Deadline deadline = callers == null ? Deadline.after(otherwise, time) : callers;
    return new Attempts(settings.maxAttempts(), backoff, budget, deadline);
  }

  <T> T run(CallSite site, Attempts attempts, Attempt<T> attempt) {
    long began = time.nanos();
    Throwable end = null;
    try {
      while (true) {
        try {
          return once(site, attempts, attempt);
        } catch (IngestionException e) {
          pause(site, e, delay(site, attempts, e).orElseThrow(() -> e));
        }
      }
    } catch (RuntimeException e) {
      end = e;
      throw e;
    } finally {
      metrics.ended(site.step(), end, time.nanos() - began);
    }
  }

  <T> CompletionStage<T> runAsync(
      CallSite site, Attempts attempts, Attempt<CompletionStage<T>> attempt) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    long began = time.nanos();
    // Not the stage that whenComplete returns: that one would wrap the failure.
    CompletableFuture<T> told = new CompletableFuture<>();
    var unused =
        outcome.whenComplete(
            (answer, failure) -> {
              metrics.ended(site.step(), failure, time.nanos() - began);
              complete(told, answer, failure);
            });
    onceAsync(site, attempts, attempt, outcome);
    return told;
  }

  private <T> T once(CallSite site, Attempts attempts, Attempt<T> attempt) {
    admit(site, attempts);
    Throwable failure = null;
    try {
      return attempt.make(attempts.deadline());
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      settle(failure);
    }
  }

  private <T> void onceAsync(
      CallSite site,
      Attempts attempts,
      Attempt<CompletionStage<T>> attempt,
      CompletableFuture<T> outcome) {
    begun(site, attempts, attempt)
        .whenComplete(
            (answer, failure) -> {
              Optional<Duration> delay =
                  failure instanceof IngestionException e
                      ? delay(site, attempts, e)
                      : Optional.empty();
              if (delay.isPresent()) {
                var unused =
                    time.after(delay.get(), () -> onceAsync(site, attempts, attempt, outcome));
              } else {
                complete(outcome, answer, failure);
              }
            });
  }

  private <T> CompletionStage<T> begun(
      CallSite site, Attempts attempts, Attempt<CompletionStage<T>> attempt) {
    try {
      admit(site, attempts);
    } catch (IngestionException e) {
      return CompletableFuture.failedStage(e);
    }
    CompletionStage<T> stage;
    try {
      stage = attempt.make(attempts.deadline());
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedStage(e);
    }
    CompletableFuture<T> settled = new CompletableFuture<>();
    stage.whenComplete(
        (answer, wrapped) -> {
          Throwable failure = unwrapped(wrapped);
          settle(failure);
          complete(settled, answer, failure);
        });
    return settled;
  }

  private void admit(CallSite site, Attempts attempts) {
    attempts.requireTime(site);
    breaker.admit(site);
    attempts.begin();
  }

  /** What an attempt that was admitted tells about the other side. */
  private void settle(@Nullable Throwable failure) {
    if (failure == null) {
      budget.succeeded();
      breaker.answered();
    } else if (failure instanceof IngestionUnavailableException e) {
      if (e.reason() == Reason.DEADLINE || e.reason() == Reason.INTERRUPTED) {
        breaker.abandoned();
      } else {
        breaker.failed(e);
      }
    } else if (failure instanceof IngestionException) {
      breaker.answered();
    } else {
      breaker.abandoned();
    }
  }

  private Optional<Duration> delay(CallSite site, Attempts attempts, IngestionException failure) {
    Optional<Duration> delay = attempts.delayAfter(failure);
    if (delay.isPresent()) {
      metrics.retried(site.step(), failure);
    } else {
      failure.attempts(attempts.made());
    }
    return delay;
  }

  private void pause(CallSite site, IngestionException failure, Duration delay) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    Timekeeper.Alarm alarm = time.after(delay, () -> over.complete(null));
    try {
      over.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IngestionUnavailableException(
          site.describe("interrupted while waiting to try again"), Reason.INTERRUPTED, failure);
    } catch (ExecutionException e) {
      throw new IllegalStateException("an alarm does not fail", e);
    } finally {
      alarm.cancel();
    }
  }

  private static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private static <T> void complete(
      CompletableFuture<T> outcome, T answer, @Nullable Throwable failure) {
    if (failure == null) {
      outcome.complete(answer);
    } else {
      outcome.completeExceptionally(failure);
    }
  }
}
