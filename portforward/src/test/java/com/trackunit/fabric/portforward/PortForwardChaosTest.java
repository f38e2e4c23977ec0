// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short run; {@code script/chaos portforward} has the long ones. */
class PortForwardChaosTest {
  @Test
  @Tag("broker")
  void aReplacedPodLosesAndReordersNothingUnderABridge() throws Exception {
    PortForwardChaos.Report report = PortForwardChaos.run(8, 1);
    assertThat(report.isConclusive()).as(report.toJson()).isTrue();
    assertThat(report.verdict().lost()).isZero();
    assertThat(report.verdict().reordered()).isZero();
  }
}
