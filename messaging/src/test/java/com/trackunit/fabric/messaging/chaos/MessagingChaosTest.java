// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.testkit.brokers.chaos.ChaosOptions;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport.Conclusion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run; {@code script/chaos messaging} has the long ones. */
class MessagingChaosTest {
  @Test
  @Tag("broker")
  void promisesHoldUnderFaultsAndTheLedgerConvictsThoseWhoMakeTheUsualMistakes(@TempDir Path folder)
      throws Exception {
    ChaosReport report =
        MessagingChaos.PROGRAM.run(
            new ChaosOptions(
                Duration.ofSeconds(8),
                1,
                Set.of("broker-killed", "consumer-killed", "half-open", "connections-cut")),
            folder,
            500);
    assertThat(report.conclusion()).as(report.toString()).isEqualTo(Conclusion.PASSED);
  }
}
