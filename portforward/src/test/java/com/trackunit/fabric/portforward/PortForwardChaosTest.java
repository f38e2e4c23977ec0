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
    // Too short to be sure that a link died with a message on it: the long runs want that too.
    assertThat(report.podsReplaced()).isPositive();
    assertThat(report.verdict().confirmed()).isPositive();
    assertThat(report.verdict().lost()).isZero();
    assertThat(report.verdict().reordered()).isZero();
  }
}
