// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.testkit.entra.Endpoint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thousand threads and ten thousand unknown kids a second, against a provider over HTTPS that
 * counts. The seconds are the ticker's, so that it is the rate that is checked and not the machine.
 */
@Timeout(300)
class UnknownKidFloodTest {
  private static final int THREADS = 1_000;
  private static final int KIDS_A_SECOND = 10_000;
  private static final Duration WINDOW = Duration.ofSeconds(3);

  private final EntraFixture fixture = new EntraFixture();
  private final ManualTicker ticker = new ManualTicker();
  private final EntraTokenValidator validator =
      fixture.validator().ticker(ticker).unknownKidWindow(WINDOW).build();
  private final ExecutorService callers = Executors.newFixedThreadPool(THREADS);
  private final String known = fixture.token().mint();
  private final Map<String, AtomicInteger> verdicts = new ConcurrentHashMap<>();
  private final AtomicInteger knownAccepted = new AtomicInteger();
  private final AtomicInteger ghosts = new AtomicInteger();

  @AfterEach
  void close() throws InterruptedException {
    validator.close();
    callers.shutdownNow();
    assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    fixture.close();
  }

  @Test
  void thereIsOneFetchPerWindowAndKnownKidsAreAccepted() throws Exception {
    validator.validate(known);
    fixture.entra.resetRequests();
    for (int second = 0; second < 6; second++) {
      for (Future<?> caller : flood()) {
        caller.get();
      }
      // The window opens with the first fetch: seconds 0, 1, 2 and seconds 3, 4, 5.
      assertThat(fixture.entra.requests(Endpoint.KEYS_V2)).isEqualTo(second < 3 ? 1 : 2);
      ticker.advance(Duration.ofSeconds(1));
    }
    assertThat(knownAccepted.get()).isEqualTo(6 * THREADS);
    assertThat(verdicts.keySet()).isSubsetOf("kid_unknown", "keys_stale");
    assertThat(verdicts.values().stream().mapToInt(AtomicInteger::get).sum())
        .isEqualTo(6 * KIDS_A_SECOND);
  }

  @Test
  void whileTheFetchHangsOnlySoManyWaitAndAllOthersHaveTheirAnswer() {
    validator.validate(known);
    fixture.entra.resetRequests();
    fixture.entra.delay(Endpoint.KEYS_V2, Duration.ofSeconds(60));

    List<Future<?>> flood = flood();

    await()
        .atMost(Duration.ofSeconds(25)) // less than the fetch timeout
        .until(() -> flood.stream().filter(Future::isDone).count() == THREADS - 64);
    assertThat(knownAccepted.get()).isEqualTo(THREADS - 64);
    assertThat(verdicts.keySet()).containsExactly("keys_stale");
    assertThat(fixture.entra.requests(Endpoint.KEYS_V2)).isEqualTo(1);
    validator.validate(known);
  }

  /** What comes in within a second; each thread shows the known token after its unknown ones. */
  private List<Future<?>> flood() {
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<?>> flood = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      flood.add(
          callers.submit(
              () -> {
                begin.await();
                for (int i = 0; i < KIDS_A_SECOND / THREADS; i++) {
                  String verdict = EntraFixture.verdict(validator, ghost());
                  verdicts.computeIfAbsent(verdict, it -> new AtomicInteger()).incrementAndGet();
                }
                validator.validate(known);
                return knownAccepted.incrementAndGet();
              }));
    }
    begin.countDown();
    return flood;
  }

  /** A token of a kid that was never seen; nobody gets as far as its signature. */
  private String ghost() {
    String header =
        "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"ghost-" + ghosts.incrementAndGet() + "\"}";
    return Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(header.getBytes(StandardCharsets.UTF_8))
        + known.substring(known.indexOf('.'));
  }
}
