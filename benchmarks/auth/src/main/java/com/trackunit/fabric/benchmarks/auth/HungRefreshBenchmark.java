// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import com.trackunit.fabric.auth.AuthException;
import com.trackunit.fabric.auth.EntraTokenValidator;
import com.trackunit.fabric.testkit.entra.Endpoint;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A known key while the provider hangs and somebody waits for an unknown one. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls begin() before anything else
public class HungRefreshBenchmark {
  /** Whether a refresh hangs meanwhile. */
  @Param({"idle", "hung"})
  public String refresh = "idle";

  private Fixture fixture;
  private EntraTokenValidator validator;
  private String known;
  private Thread stranger;

  /** Lets the refresh hang, and sends an unknown kid that waits for it. */
  @Setup(Level.Trial)
  public void begin() {
    fixture = new Fixture("JDK");
    validator = fixture.validator(false).build();
    known = fixture.token();
    validator.validate(known);
    String unknown = fixture.entra.tokens(fixture.api).header("kid", "unknown").mint();
    if (refresh.equals("hung")) {
      fixture.entra.delay(Endpoint.KEYS_V2, Duration.ofHours(1));
    }
    stranger =
        new Thread(
            () -> {
              try {
                validator.validate(unknown);
              } catch (AuthException expected) {
                // The refusal is not what is measured.
              }
            });
    if (refresh.equals("hung")) {
      stranger.start();
    }
  }

  /** Stops what was started. */
  @TearDown(Level.Trial)
  public void end() throws InterruptedException {
    if (refresh.equals("hung") && !stranger.isAlive()) {
      throw new IllegalStateException("the refresh ended before the measurement did");
    }
    validator.close();
    fixture.close();
    stranger.join();
  }

  @Benchmark
  public Object knownKid() {
    return validator.validate(known);
  }
}
