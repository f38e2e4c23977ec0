// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a tenant, kept fresh. A known key is one volatile read and never waits, whatever the
 * provider does; the last good keys serve while fetches fail.
 *
 * <p>One thread of its own does all fetching, so there is never more than one fetch under way (a
 * flight), and a caller who gives up disturbs nobody. Fetches happen ahead of time, for an unknown
 * kid (at most once per window), and while there are no keys at all (at most once a second).
 * Thread-safe; the lock guards only the bookkeeping of flights.
 */
final class KeyRing implements HealthSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

  /** Without keys nothing can be decided, so a token may ask soon after a failure. */
  private static final Duration COLD_GAP = Duration.ofSeconds(1);

  private static final Duration COLD_RETRY_LIMIT = Duration.ofSeconds(30);
  private static final Duration WARM_RETRY_LIMIT = Duration.ofHours(2);

  private final KeySetSource source;
  private final KeyTiming timing;
  private final Ticker ticker;
  private final SplittableRandom random = new SplittableRandom();
  private final Backoff coldRetry;
  private final Backoff warmRetry;
  private final ScheduledThreadPoolExecutor fetcher;

  private volatile State state;

  private final Object lock = new Object();
  private @Nullable CompletableFuture<Void> flight;
  private @Nullable Future<?> planned;
  private @Nullable Long lastAskedFor;
  private boolean isClosed;

  /**
   * What is known, swapped as a whole.
   *
   * @param set the last good keys
   * @param fetchedAt when they came, by the ticker
   * @param failure why the last fetch failed; null if it succeeded
   * @param failures how many have failed in a row
   * @param endedAt when the last fetch ended, by the ticker; null before the first
   */
  private record State(
      @Nullable KeySet set,
      long fetchedAt,
      @Nullable String failure,
      int failures,
      @Nullable Long endedAt) {

    State fetched(KeySet fresh, long now) {
      return new State(fresh, now, null, 0, now);
    }

    State failed(String why, long now) {
      return new State(set, fetchedAt, why, failures + 1, now);
    }
  }

  KeyRing(KeySetSource source, KeyTiming timing, Ticker ticker) {
    this.source = source;
    this.timing = timing;
    this.ticker = ticker;
    this.state = new State(null, 0, null, 0, null);
    this.coldRetry = Backoff.exponential(COLD_GAP, COLD_RETRY_LIMIT, random);
    // Half of a delay is jitter: twice the window is never sooner than the window.
    this.warmRetry =
        Backoff.exponential(timing.unknownKidWindow().multipliedBy(2), WARM_RETRY_LIMIT, random);
    this.fetcher = new ScheduledThreadPoolExecutor(1, FabricThreads.named("auth", "keys"));
    fetcher.setRemoveOnCancelPolicy(true);
  }

  /** Begins the first fetch and returns at once. */
  void start() {
    fetchAhead();
  }

  /**
   * The keys to judge with. Waits only where there are none.
   *
   * @throws KeysUnavailableException if there are still none after a fetch
   */
  KeySet current() {
    KeySet set = usable(state);
    if (set == null) {
      await(coldFlight(), ticker.nanos() + timeToWait());
      set = usable(state);
    }
    if (set == null) {
      throw new KeysUnavailableException(describe(state));
    }
    return set;
  }

  /**
   * The key of that name, fetched if need be.
   *
   * @throws InvalidTokenException if there is no such key
   * @throws KeysUnavailableException if there are no keys at all
   */
  SigningKey find(String kid) {
    SigningKey key = current().key(kid);
    long end = ticker.nanos() + timeToWait();
    // The second round is for a flight that had begun before the key was published.
    for (int round = 0; key == null && round < 2; round++) {
      CompletableFuture<Void> asked = flightForUnknownKid();
      if (asked == null) {
        break;
      }
      await(asked, end);
      key = current().key(kid);
    }
    if (key == null) {
      throw new InvalidTokenException(
          state.failure() == null ? Reason.KID_UNKNOWN : Reason.KEYS_STALE);
    }
    return key;
  }

  @Override
  public Health health() {
    State now = state;
    return usable(now) == null
        ? Health.down("entra-keys", describe(now))
        : Health.up("entra-keys", describe(now));
  }

  private @Nullable KeySet usable(State at) {
    boolean isYoung = ticker.nanos() - at.fetchedAt() <= timing.maxAge().toNanos();
    return isYoung ? at.set() : null;
  }

  private String describe(State at) {
    KeySet set = at.set();
    String keys =
        set == null
            ? "no signing keys yet"
            : set.keys().size()
                + " signing keys, fetched "
                + Duration.ofNanos(ticker.nanos() - at.fetchedAt()).toSeconds()
                + " s ago, usable for "
                + timing.maxAge().toSeconds()
                + " s, "
                + set.skipped().size()
                + " skipped";
    return at.failure() == null ? keys : keys + "; last fetch failed: " + at.failure();
  }

  private long timeToWait() {
    return timing.fetchTimeout().plus(COLD_GAP).toNanos();
  }

  private CompletableFuture<Void> coldFlight() {
    synchronized (lock) {
      Long endedAt = state.endedAt();
      Duration since = endedAt == null ? COLD_GAP : Duration.ofNanos(ticker.nanos() - endedAt);
      Duration left = COLD_GAP.minus(since);
      return fly(left.isNegative() ? Duration.ZERO : left);
    }
  }

  /** The flight to wait for, or null if the window lets none begin. */
  private @Nullable CompletableFuture<Void> flightForUnknownKid() {
    synchronized (lock) {
      if (flight != null) {
        return flight;
      }
      long now = ticker.nanos();
      State at = state;
      Long failedAt = at.failure() == null ? null : at.endedAt();
      if (isWithinWindow(lastAskedFor, now) || isWithinWindow(failedAt, now)) {
        return null;
      }
      lastAskedFor = now;
      return fly(Duration.ZERO);
    }
  }

  private boolean isWithinWindow(@Nullable Long then, long now) {
    return then != null && now - then < timing.unknownKidWindow().toNanos();
  }

  /** Joins the flight that there is, or plans one; the lock is held. */
  private CompletableFuture<Void> fly(Duration delay) {
    if (isClosed) {
      throw new IllegalStateException("token validator: closed, open a new one");
    }
    CompletableFuture<Void> joined = flight;
    if (joined == null) {
      joined = new CompletableFuture<>();
      flight = joined;
      plan(this::fetch, delay);
    }
    return joined;
  }

  private void plan(Runnable task, Duration delay) {
    if (planned != null) {
      planned.cancel(false);
    }
    planned = fetcher.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void fetch() {
    try {
      KeySet fresh = source.fetch();
      KeySet old = state.set();
      state = state.fetched(fresh, ticker.nanos());
      if (!fresh.equals(old)) {
        log.info("entra-keys: {} signing keys, skipped: {}", fresh.keys().size(), fresh.skipped());
      }
    } catch (IOException | RuntimeException e) {
      failed(e.toString());
    } catch (Error e) {
      failed(e.toString());
      throw e;
    } finally {
      land();
    }
  }

  private void failed(String why) {
    state = state.failed(why, ticker.nanos());
    synchronized (lock) {
      if (isClosed) {
        return;
      }
    }
    log.warn("entra-keys: fetch failed, {}", describe(state));
  }

  /** Plans the next fetch whatever came of this one, then lets the waiting callers look. */
  private void land() {
    CompletableFuture<Void> landed;
    synchronized (lock) {
      landed = flight;
      flight = null;
      if (!isClosed) {
        plan(this::fetchAhead, untilNext());
      }
    }
    if (landed != null) {
      landed.complete(null);
    }
  }

  private void fetchAhead() {
    synchronized (lock) {
      if (!isClosed) {
        CompletableFuture<Void> unused = fly(Duration.ZERO);
      }
    }
  }

  private Duration untilNext() {
    State at = state;
    if (at.failures() > 0) {
      return (usable(at) == null ? coldRetry : warmRetry).delay(at.failures());
    }
    long nanos = timing.refreshEvery().toNanos();
    return Duration.ofNanos(nanos - random.nextLong(nanos / 10 + 1));
  }

  private void await(CompletableFuture<Void> awaited, long end) {
    try {
      awaited.get(Math.max(0, end - ticker.nanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException stillUnderWay) {
      // The caller judges by what is known.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KeysUnavailableException("interrupted while waiting for signing keys");
    } catch (ExecutionException neverHappens) {
      throw new IllegalStateException(neverHappens);
    }
  }

  /** Lets waiting callers go and ends the thread; the source is the caller's to stop. */
  @Override
  public void close() {
    CompletableFuture<Void> abandoned;
    synchronized (lock) {
      isClosed = true;
      abandoned = flight;
      flight = null;
    }
    fetcher.shutdownNow();
    if (abandoned != null) {
      abandoned.complete(null);
    }
  }
}
