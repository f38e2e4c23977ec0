// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.FabricThreads;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

class NoLeaksTest {
  private static CountDownLatch end = new CountDownLatch(0);

  @Test
  void threadLeftBehindFailsTheClass() {
    end = new CountDownLatch(1);
    try {
      EngineExecutionResults results = run(Leaking.class);
      assertThat(results.containerEvents().failed().count()).isEqualTo(1);
      assertThat(results.containerEvents().failed().stream().toList().toString())
          .contains("fabric-test-leak-1");
    } finally {
      end.countDown();
    }
  }

  @Test
  void threadThatEndsIsNoLeak() {
    end = new CountDownLatch(0);
    assertThat(run(Leaking.class).containerEvents().failed().count()).isZero();
  }

  private static EngineExecutionResults run(Class<?> testClass) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(DiscoverySelectors.selectClass(testClass))
        .execute();
  }

  @ExtendWith(NoLeaks.class)
  static class Leaking {
    @Test
    void startsAThread() {
      FabricThreads.named("test", "leak")
          .newThread(
              () -> {
                try {
                  end.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              })
          .start();
    }
  }
}
