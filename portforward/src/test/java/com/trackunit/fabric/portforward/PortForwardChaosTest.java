// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.testkit.brokers.Verdict;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosOptions;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport.Conclusion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run; {@code script/chaos portforward} has the long ones. */
class PortForwardChaosTest {
  @Test
  @Tag("broker")
  void aReplacedPodLosesAndReordersNothingUnderABridge(@TempDir Path folder) throws Exception {
    ChaosReport report =
        PortForwardChaos.PROGRAM.run(
            new ChaosOptions(Duration.ofSeconds(8), 1, Set.of()), folder, 300);
    // Too short to be sure that the naive program loses something: the long runs want that too.
    assertThat(report.conclusion()).as(report.toString()).isNotEqualTo(Conclusion.FAILED);
    Verdict bridged = report.verdictOn("bridged");
    assertThat(bridged.isAtLeastOnceInOrder()).as(report.toString()).isTrue();
    assertThat(bridged.confirmed()).isGreaterThan(300);
  }
}
