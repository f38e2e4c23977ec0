// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeyRingTest {
  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final Duration A_DAY = Duration.ofHours(24);

  /** Longer than the window, so that a test that lets one pass makes no waiting caller give up. */
  private static final KeyTiming TIMING =
      new KeyTiming(Duration.ofHours(1), A_DAY, WINDOW, WINDOW.multipliedBy(2));

  private final ManualTicker ticker = new ManualTicker();
  private final ScriptedSource source = new ScriptedSource();
  private KeyRing ring = new KeyRing(source, TIMING, ticker, null);
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void close() throws InterruptedException {
    source.release();
    ring.close();
    callers.shutdownNow();
    assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theFirstKeysAreFetchedWithoutAnybodyAsking() {
    assertThat(ring.health().isUp()).isFalse();

    ring.start(null);

    await().until(() -> ring.health().isUp());
    assertThat(find("old").kid()).isEqualTo("old");
    assertThat(source.fetches()).isEqualTo(1);
  }

  @Test
  void callersWithoutKeysShareOneFetch() throws Exception {
    source.hang();
    List<Future<SigningKey>> found = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      found.add(callers.submit(() -> find("old")));
    }
    source.awaitFetch(1);
    source.release();

    for (Future<SigningKey> one : found) {
      assertThat(one.get().kid()).isEqualTo("old");
    }
    assertThat(source.fetches()).isEqualTo(1);
  }

  @Test
  void aKnownKidNeverWaitsWhileAFetchHangs() throws Exception {
    find("old");
    source.hang();
    Future<SigningKey> unknown = callers.submit(() -> find("new"));
    source.awaitFetch(2);

    assertThat(find("old").kid()).isEqualTo("old");
    assertThat(unknown.isDone()).isFalse();

    source.publish("old", "new");
    source.release();
    assertThat(unknown.get().kid()).isEqualTo("new");
  }

  @Test
  void theFirstTokenAfterARolloverWaitsForOneFetchAndIsAccepted() {
    find("old");
    source.publish("new");

    assertThat(find("new").kid()).isEqualTo("new");
    assertThat(source.fetches()).isEqualTo(2);
    assertRefused("old", Reason.KID_UNKNOWN);
  }

  @Test
  void aRolloverDuringAFetchIsFoundByTheNextOne() throws Exception {
    find("old");
    source.hang();
    Future<SigningKey> early = callers.submit(() -> find("other"));
    source.awaitFetch(2);
    Future<SigningKey> late = callers.submit(() -> find("new"));
    ticker.advance(WINDOW);
    source.publishForTheNextFetch("old", "new");
    source.release();

    assertThat(late.get().kid()).isEqualTo("new");
    assertThat(early).failsWithin(Duration.ofSeconds(30));
    assertThat(source.fetches()).isBetween(3, 4);
  }

  @Test
  void aFloodOfUnknownKidsCausesOneFetchPerWindow() throws Exception {
    find("old");
    for (int window = 1; window <= 3; window++) {
      List<Future<?>> flood = new ArrayList<>();
      for (int thread = 0; thread < 20; thread++) {
        String prefix = window + "-" + thread + "-";
        flood.add(
            callers.submit(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    assertRefused(prefix + i, Reason.KID_UNKNOWN);
                  }
                }));
      }
      for (Future<?> one : flood) {
        one.get();
      }
      assertThat(source.fetches()).isEqualTo(1 + window);
      ticker.advance(WINDOW);
    }
  }

  @Test
  void aKidThatWasJustShownNotToExistLeavesTheWindowToOthers() {
    find("old");
    assertRefused("ghost", Reason.KID_UNKNOWN);
    ticker.advance(WINDOW);
    for (int i = 0; i < 100; i++) {
      assertRefused("ghost", Reason.KID_UNKNOWN);
    }
    assertThat(source.fetches()).isEqualTo(2);

    source.publish("old", "new");

    assertThat(find("new").kid()).isEqualTo("new");
    assertThat(source.fetches()).isEqualTo(3);
  }

  @Test
  void aKidThatAppearsAfterAllIsFoundOnceTheSetHasChangedOrTimeHasPassed() {
    find("old");
    assertRefused("late", Reason.KID_UNKNOWN);
    source.publish("old", "late");
    ticker.advance(WINDOW);
    assertRefused("late", Reason.KID_UNKNOWN);

    ticker.advance(WINDOW.multipliedBy(9));
    assertThat(find("late").kid()).isEqualTo("late");

    assertRefused("later", Reason.KID_UNKNOWN);
    ticker.advance(WINDOW);
    source.publish("old", "late", "later", "other");
    assertThat(find("other").kid()).isEqualTo("other");
    assertThat(find("later").kid()).isEqualTo("later");
  }

  @Test
  void aFloodFromAThousandThreadsCausesOneFetchPerWindowAndHarmsNoKnownKid() throws Exception {
    find("old");
    for (int window = 1; window <= 2; window++) {
      CountDownLatch begin = new CountDownLatch(1);
      List<Future<?>> flood = new ArrayList<>();
      for (int thread = 0; thread < 1_000; thread++) {
        String prefix = window + "-" + thread + "-";
        flood.add(
            callers.submit(
                () -> {
                  begin.await();
                  for (int i = 0; i < 10; i++) {
                    assertRefused(prefix + i, Reason.KID_UNKNOWN, Reason.KEYS_STALE);
                    assertThat(find("old").kid()).isEqualTo("old");
                  }
                  return null;
                }));
      }
      begin.countDown();
      for (Future<?> one : flood) {
        one.get();
      }
      assertThat(source.fetches()).isEqualTo(1 + window);
      ticker.advance(WINDOW);
    }
  }

  @Test
  void onlySoManyWaitForAFetchThatHangsAndTheOthersAreRefusedAtOnce() throws Exception {
    find("old");
    source.hang();
    List<CompletableFuture<String>> verdicts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String kid = "ghost " + i;
      verdicts.add(CompletableFuture.supplyAsync(() -> verdict(kid), callers));
    }
    await().until(() -> verdicts.stream().filter(CompletableFuture::isDone).count() == 136);
    assertThat(find("old").kid()).isEqualTo("old");
    assertThat(verdicts.stream().filter(CompletableFuture::isDone))
        .allMatch(it -> it.join().equals("keys_stale"));

    source.publish("old", "new");
    source.release();

    await().until(() -> verdicts.stream().allMatch(CompletableFuture::isDone));
    assertThat(verdicts.stream().filter(it -> it.join().equals("kid_unknown"))).hasSize(64);
    assertThat(find("new").kid()).isEqualTo("new");
  }

  @Test
  void withoutAnyKeyOnlySoManyWaitEitherAndTheOthersAreToldThatNobodyCanTell() {
    source.hang();
    List<CompletableFuture<String>> verdicts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      verdicts.add(CompletableFuture.supplyAsync(() -> verdict("old"), callers));
    }
    await().until(() -> verdicts.stream().filter(CompletableFuture::isDone).count() == 36);
    assertThat(verdicts.stream().filter(CompletableFuture::isDone))
        .allMatch(it -> it.join().equals("keys_unavailable"));

    source.release();

    await().until(() -> verdicts.stream().allMatch(CompletableFuture::isDone));
    assertThat(verdicts.stream().filter(it -> it.join().equals("accepted"))).hasSize(64);
  }

  @Test
  void onlySoManyStagesWaitForAFetchThatHangs() {
    find("old");
    source.hang();
    List<CompletableFuture<KeySet>> stages = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      stages.add(ring.stageWith("ghost " + i, callers));
    }
    assertThat(stages.stream().filter(it -> !it.isDone())).hasSize(1_024);
    assertThat(ring.stageWith("old", callers)).isCompleted();

    source.release();

    await().until(() -> stages.stream().allMatch(CompletableFuture::isDone));
    source.hang();
    ticker.advance(WINDOW);
    assertThat(ring.stageWith("the next", callers)).isNotDone();
  }

  @Test
  void aStageForAKnownKidIsCompleteAtOnce() {
    find("old");
    assertThat(ring.stageWith("old", Runnable::run)).isCompleted();
  }

  @Test
  void aStageForAnUnknownKidBlocksNobodyAndCompletesWithTheFetch() throws Exception {
    find("old");
    source.hang();
    CompletableFuture<KeySet> stage = ring.stageWith("new", callers);
    source.awaitFetch(2);
    assertThat(stage).isNotDone();

    source.publish("old", "new");
    source.release();

    assertThat(stage.get(30, TimeUnit.SECONDS).key("new")).isNotNull();
  }

  @Test
  void aStageWithoutAnyKeyFailsAsTheBlockingFormDoes() {
    source.fail();
    assertThat(ring.stageWith("old", callers))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(KeysUnavailableException.class);
  }

  @Test
  void fetchesRunOnTheExecutorThatWasGivenAndItsRefusalIsAFailedFetch() {
    ring.close();
    ExecutorService given = Executors.newSingleThreadExecutor(task -> new Thread(task, "given"));
    AtomicReference<String> thread = new AtomicReference<>("");
    KeySetSource observed =
        () -> {
          thread.set(Thread.currentThread().getName());
          return source.fetch();
        };
    ring = new KeyRing(observed, TIMING, ticker, given);
    assertThat(find("old").kid()).isEqualTo("old");
    assertThat(thread.get()).isEqualTo("given");

    given.shutdown();

    assertRefused("new", Reason.KEYS_STALE);
    assertThat(ring.status().lastFailure().orElse("")).contains("executor");
    assertThat(find("old").kid()).isEqualTo("old");
  }

  @Test
  void statusTellsWhatAnOperatorAsks() {
    assertThat(ring.status().age()).isEmpty();
    assertThat(ring.status().keys()).isZero();
    find("old");
    ticker.advance(Duration.ofMinutes(2));
    source.fail();
    assertRefused("new", Reason.KEYS_STALE);

    KeyStatus status = ring.status();

    assertThat(status.keys()).isEqualTo(1);
    assertThat(status.age()).contains(Duration.ofMinutes(2));
    assertThat(status.failedFetches()).isEqualTo(1);
    assertThat(status.lastFailure().orElse("")).contains("away");
  }

  @Test
  void lastGoodKeysServeForADayWhileFetchesFailAndThenNobodyCanTell() {
    find("old");
    source.fail();
    ticker.advance(A_DAY);

    assertThat(find("old").kid()).isEqualTo("old");
    assertRefused("new", Reason.KEYS_STALE);
    assertThat(ring.health().isUp()).isTrue();

    ticker.advance(Duration.ofNanos(1));

    assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> find("old"));
    assertThat(ring.health().isUp()).isFalse();
  }

  @Test
  void anUnknownKidAfterAFailedFetchIsRefusedAsStaleAndDoesNotFetchAgain() {
    find("old");
    source.fail();

    assertRefused("new", Reason.KEYS_STALE);
    assertRefused("new", Reason.KEYS_STALE);
    assertThat(source.fetches()).isEqualTo(2);
    assertThat(ring.health().isUp()).isTrue();
    assertThat(ring.health().detail()).contains("last fetch failed").contains("away");
  }

  @Test
  void withoutAnyKeyNobodyCanTell() {
    source.fail();

    assertThatExceptionOfType(KeysUnavailableException.class)
        .isThrownBy(() -> find("old"))
        .withMessageContaining("no signing keys yet")
        .withMessageContaining("away")
        .matches(KeysUnavailableException::isRetryable)
        .matches(e -> e.httpStatus() == 503);
  }

  @Test
  void theFirstTokenAfterTheProviderComesBackIsAccepted() {
    source.fail();
    assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> find("old"));

    source.recover();

    assertThat(find("old").kid()).isEqualTo("old");
  }

  @Test
  void aCallerWhoWaitsTooLongIsLetGo() {
    KeyTiming impatient = new KeyTiming(Duration.ofHours(1), A_DAY, WINDOW, Duration.ofMillis(100));
    replaceRing(impatient);
    source.hang();

    assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> find("old"));
  }

  @Test
  void fetchingAheadSurvivesFailuresOfEveryKind() {
    replaceRing(
        new KeyTiming(Duration.ofMillis(20), A_DAY, Duration.ofMillis(5), Duration.ofSeconds(20)));
    find("old");
    source.fail();
    await().until(() -> source.fetches() > 3);
    source.failWith(new IllegalArgumentException("a bug"));
    int before = source.fetches();
    await().until(() -> source.fetches() > before + 2);

    source.recover();
    source.publish("new");

    await()
        .untilAsserted(
            () ->
                assertThat(Objects.requireNonNull(ring.currentOrNull()).keys())
                    .containsOnlyKeys("new"));
  }

  @Test
  void whatAServerAnswersFillsNoLogAndNoHealth() {
    source.failWith(new IllegalStateException("status line: a\r\nb" + "c".repeat(100_000)));
    ring.start(null);
    await().until(() -> ring.status().failedFetches() > 0);

    assertThat(ring.status().lastFailure().orElse(""))
        .contains("status line: a  bcc")
        .endsWith("...")
        .hasSizeLessThan(600);
    assertThat(ring.health().detail()).hasSizeLessThan(700);
  }

  @Test
  void closingLetsWaitingCallersGoAndEndsTheThread() {
    source.hang();
    CompletableFuture<SigningKey> waiting =
        CompletableFuture.supplyAsync(() -> find("old"), callers);
    source.awaitFetch(1);

    ring.close();
    ring.close();

    assertThat(waiting)
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(KeysUnavailableException.class);
    source.release();
    assertThatIllegalStateException().isThrownBy(() -> find("old"));
  }

  @Test
  void aCallerWhoIsInterruptedIsToldSoAndStaysInterrupted() {
    source.hang();
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(KeysUnavailableException.class).isThrownBy(() -> find("old"));
    assertThat(Thread.interrupted()).isTrue();
  }

  private SigningKey find(String kid) {
    return Objects.requireNonNull(ring.setWith(kid).key(kid));
  }

  private void replaceRing(KeyTiming timing) {
    ring.close();
    ring = new KeyRing(source, timing, ticker, null);
  }

  private void assertRefused(String kid, Reason... oneOf) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> find(kid))
        .satisfies(e -> assertThat(e.reason()).isIn((Object[]) oneOf));
  }

  private String verdict(String kid) {
    try {
      find(kid);
      return "accepted";
    } catch (AuthException e) {
      return e.reason().code();
    }
  }

  /** A provider that does as it is told. Thread-safe. */
  private static final class ScriptedSource implements KeySetSource {
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile String[] kids = {"old"};
    private volatile String @Nullable [] nextKids;
    private volatile @Nullable Exception failure;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public KeySet fetch() throws IOException {
      fetches.incrementAndGet();
      String[] published = kids;
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
      String[] next = nextKids;
      if (next != null) {
        kids = next;
        nextKids = null;
      } else {
        published = kids;
      }
      Exception failed = failure;
      if (failed instanceof IOException e) {
        throw e;
      }
      if (failed instanceof RuntimeException e) {
        throw e;
      }
      return TestKeys.set(published);
    }

    int fetches() {
      return fetches.get();
    }

    void awaitFetch(int count) {
      await().until(() -> fetches.get() >= count);
    }

    void publish(String... published) {
      kids = published;
    }

    /** The fetch under way still answers with what was published when it began. */
    void publishForTheNextFetch(String... published) {
      nextKids = published;
    }

    void hang() {
      gate = new CountDownLatch(1);
    }

    void release() {
      gate.countDown();
    }

    void fail() {
      failure = new IOException("away");
    }

    void failWith(RuntimeException bug) {
      failure = bug;
    }

    void recover() {
      failure = null;
    }
  }
}
