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
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a tenant, kept fresh. A known key is one volatile read and never waits, whatever the
 * provider does; the last good keys serve while fetches fail.
 *
 * <p>There is never more than one fetch under way (a flight), and a caller who gives up disturbs
 * nobody. Fetches happen ahead of time, for an unknown kid (at most once per window), and while
 * there are no keys at all (at most once a second). A thread of its own keeps the time; fetches run
 * there, or on the executor that was given. Thread-safe; the lock guards only the bookkeeping of
 * flights.
 */
final class KeyRing implements HealthSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

  /** Without keys nothing can be decided, so a token may ask soon after a failure. */
  private static final Duration COLD_GAP = Duration.ofSeconds(1);

  private static final Duration COLD_RETRY_LIMIT = Duration.ofSeconds(30);
  private static final Duration WARM_RETRY_LIMIT = Duration.ofHours(2);

  /** Of the windows for unknown kids, until a name that was absent may cause a fetch again. */
  private static final int ABSENT_WINDOWS = 10;

  /** The second round is for a flight that had begun before the key was published. */
  private static final int ROUNDS = 2;

  /** Who waits holds a thread of the server, and those with known keys need the others. */
  private static final int MAX_WAITING_CALLERS = 64;

  /** A stage holds no more than its token. */
  private static final int MAX_WAITING_STAGES = 1_024;

  private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}");
  private static final int MAX_SHOWN = 500;

  private final KeySetSource source;
  private final KeyTiming timing;
  private final Ticker ticker;
  private final SplittableRandom random = new SplittableRandom();
  private final Backoff coldRetry;
  private final Backoff warmRetry;
  private final ScheduledThreadPoolExecutor timer;
  private final Executor fetcher;

  private volatile KeyState state;

  private final Object lock = new Object();
  private @Nullable CompletableFuture<Void> flight;
  private @Nullable Future<?> planned;
  private @Nullable Long lastAskedFor;
  private final AbsentKids absent;
  private boolean isClosed;

  private final Semaphore roomForCallers = new Semaphore(MAX_WAITING_CALLERS);
  private final Semaphore roomForStages = new Semaphore(MAX_WAITING_STAGES);

  /**
   * @param fetcher runs fetches; null for the thread that keeps the time
   */
  KeyRing(KeySetSource source, KeyTiming timing, Ticker ticker, @Nullable Executor fetcher) {
    this.source = source;
    this.timing = timing;
    this.ticker = ticker;
    this.state = KeyState.unknown();
    this.coldRetry = Backoff.exponential(COLD_GAP, COLD_RETRY_LIMIT, random);
    // Half of a delay is jitter: twice the window is never sooner than the window.
    this.warmRetry =
        Backoff.exponential(timing.unknownKidWindow().multipliedBy(2), WARM_RETRY_LIMIT, random);
    this.absent = new AbsentKids(timing.unknownKidWindow().multipliedBy(ABSENT_WINDOWS));
    this.timer = new ScheduledThreadPoolExecutor(1, FabricThreads.named("auth", "keys"));
    this.fetcher = fetcher == null ? Runnable::run : fetcher;
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * Begins the first fetch and returns at once.
   *
   * @param remembered keys of an earlier life that serve meanwhile; null for none
   */
  void start(KeyFile.@Nullable Remembered remembered) {
    if (remembered != null) {
      long fetchedAt = ticker.nanos() - remembered.age().toNanos();
      state = KeyState.remembered(remembered.set(), fetchedAt);
    }
    fetchAhead();
  }

  /** The keys to judge with now, without waiting; null if there are none young enough. */
  @Nullable KeySet currentOrNull() {
    return usable(state);
  }

  /**
   * The keys, with the one of that name among them. Waits only where it is not known, may be asked
   * for now, and not too many wait already.
   *
   * @throws InvalidTokenException if there is no such key, or nobody can tell for want of room
   * @throws KeysUnavailableException if there are no keys at all
   */
  KeySet setWith(String kid) {
    KeySet known = usable(state);
    if (known != null && known.key(kid) != null) {
      return known;
    }
    Search search = new Search(kid);
    long end = ticker.nanos() + timeToWait();
    for (CompletableFuture<Void> flight = search.next(); flight != null; flight = search.next()) {
      if (!roomForCallers.tryAcquire()) {
        throw search.turnedAway();
      }
      try {
        await(flight, end);
      } finally {
        roomForCallers.release();
      }
    }
    return search.result();
  }

  /**
   * The same without blocking. Completed already where nothing is waited for, else on the executor.
   *
   * @param completer completes what waited
   */
  CompletableFuture<KeySet> stageWith(String kid, Executor completer) {
    KeySet known = usable(state);
    return known != null && known.key(kid) != null
        ? CompletableFuture.completedFuture(known)
        : look(new Search(kid), completer);
  }

  private CompletableFuture<KeySet> look(Search search, Executor completer) {
    try {
      CompletableFuture<Void> awaited = search.next();
      if (awaited == null) {
        return CompletableFuture.completedFuture(search.result());
      }
      if (!roomForStages.tryAcquire()) {
        throw search.turnedAway();
      }
      return awaited
          .copy()
          .completeOnTimeout(null, timeToWait(), TimeUnit.NANOSECONDS)
          .whenComplete((landed, never) -> roomForStages.release())
          .thenComposeAsync(landed -> look(search, completer), completer);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** One caller's search for a key that is not known at first. Of one caller, not thread-safe. */
  private final class Search {
    private final String kid;
    private boolean hasWaitedForAny;
    private int rounds;
    private boolean hasAsked;

    Search(String kid) {
      this.kid = kid;
    }

    /** The flight to wait for before looking again; null if there is nothing more to wait for. */
    @Nullable CompletableFuture<Void> next() {
      KeySet set = usable(state);
      if (set == null) {
        if (hasWaitedForAny) {
          return null;
        }
        hasWaitedForAny = true;
        return coldFlight();
      }
      if (set.key(kid) != null || rounds == ROUNDS) {
        return null;
      }
      rounds++;
      return flightFor(this);
    }

    /** Where too many wait: as if the fetch had failed already, in vain for this one only. */
    AuthException turnedAway() {
      KeyState at = state;
      return usable(at) == null
          ? new KeysUnavailableException(describe(at) + "; too many wait for them already")
          : new InvalidTokenException(Reason.KEYS_STALE);
    }

    /** The keys with the one that was looked for, or why there is none. */
    KeySet result() {
      KeyState at = state;
      KeySet set = usable(at);
      if (set == null) {
        throw new KeysUnavailableException(describe(at));
      }
      if (set.key(kid) != null) {
        return set;
      }
      if (at.failure() != null) {
        throw new InvalidTokenException(Reason.KEYS_STALE);
      }
      if (hasAsked) {
        rememberAbsent(kid);
      }
      throw new InvalidTokenException(Reason.KID_UNKNOWN);
    }
  }

  private void rememberAbsent(String kid) {
    synchronized (lock) {
      KeySet set = state.set();
      if (flight == null && set != null && set.key(kid) == null) {
        absent.add(kid, ticker.nanos());
      }
    }
  }

  KeyStatus status() {
    return state.status(ticker.nanos(), timing.maxAge());
  }

  @Override
  public Health health() {
    KeyState now = state;
    return usable(now) == null
        ? Health.down("entra-keys", describe(now))
        : Health.up("entra-keys", describe(now));
  }

  private @Nullable KeySet usable(KeyState at) {
    return at.usable(ticker.nanos(), timing.maxAge());
  }

  private String describe(KeyState at) {
    return at.describe(ticker.nanos(), timing.maxAge());
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

  /** The flight to wait for, or null if it is known to be in vain or not to begin now. */
  private @Nullable CompletableFuture<Void> flightFor(Search search) {
    synchronized (lock) {
      long now = ticker.nanos();
      if (absent.contains(search.kid, now)) {
        return null;
      }
      if (flight != null) {
        return flight;
      }
      KeyState at = state;
      Long failedAt = at.failure() == null ? null : at.endedAt();
      if (isWithinWindow(lastAskedFor, now) || isWithinWindow(failedAt, now)) {
        return null;
      }
      lastAskedFor = now;
      search.hasAsked = true;
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
      plan(this::dispatch, delay);
    }
    return joined;
  }

  private void plan(Runnable task, Duration delay) {
    if (planned != null) {
      planned.cancel(false);
    }
    planned = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whatever the executor does with the task, the flight lands: else no other would begin. */
  private void dispatch() {
    AtomicBoolean hasBegun = new AtomicBoolean();
    try {
      fetcher.execute(
          () -> {
            if (hasBegun.compareAndSet(false, true)) {
              fetch();
            }
          });
      synchronized (lock) {
        if (!isClosed && !hasBegun.get()) {
          String late = "the executor that was given did not begin in " + timing.fetchTimeout();
          long timeout = timing.fetchTimeout().toNanos();
          var unused = timer.schedule(() -> giveUp(hasBegun, late), timeout, TimeUnit.NANOSECONDS);
        }
      }
    } catch (RejectedExecutionException e) {
      giveUp(hasBegun, "the executor that was given takes no more tasks");
    } catch (RuntimeException | Error e) { // such as when there is no memory for a thread
      giveUp(hasBegun, "the executor that was given failed: " + e);
    }
  }

  private void giveUp(AtomicBoolean hasBegun, String why) {
    if (hasBegun.compareAndSet(false, true)) {
      failed(why);
      land();
    }
  }

  private void fetch() {
    try {
      KeySet fresh = source.fetch();
      boolean isNews = state.set() == null || !fresh.hasContentOf(state.set());
      state = state.fetched(fresh, ticker.nanos());
      if (isNews) {
        synchronized (lock) {
          absent.clear();
        }
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
    state = state.failed(shown(why), ticker.nanos());
    synchronized (lock) {
      if (isClosed) {
        return;
      }
    }
    log.warn("entra-keys: fetch failed, {}", describe(state));
  }

  /** A server's answer may be quoted there: one line of bounded length goes to log and health. */
  private static String shown(String why) {
    String line = CONTROLS.matcher(why).replaceAll(" ");
    return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
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
    KeyState at = state;
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
    timer.shutdownNow();
    if (abandoned != null) {
      abandoned.complete(null);
    }
  }
}
