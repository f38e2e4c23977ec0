// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.bridge.QueueWorld.Bridge;
import com.trackunit.fabric.bridge.SimulatedWorld.Violation;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueCorePropertyTest {
  private static final int STEPS = 400;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyInterleavingKeepsTheGuarantees(boolean effectivelyOnce) {
    for (long seed = 1; seed <= Long.getLong("fabric.schedules", 1_000); seed++) {
      try {
        new QueueWorld(seed, Bridge.WHOLE, effectivelyOnce).run(STEPS);
      } catch (Violation | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"WHOLE", "IGNORES_EPOCHS"})
  void aBridgeBrokenOnPurposeIsConvicted(Bridge broken) {
    assertThat(firstConviction(broken, true)).as("convicts %s", broken).isPresent();
  }

  @ParameterizedTest
  @EnumSource(names = {"ACKS_BEFORE_CONFIRM", "IGNORES_EPOCHS", "REQUEUES_ON_AN_ORDERED_LANE"})
  void anAtLeastOnceBridgeBrokenOnPurposeIsConvicted(Bridge broken) {
    assertThat(firstConviction(broken, false)).as("convicts %s", broken).isPresent();
  }

  @Test
  void theSameSeedGivesTheSameSchedule() {
    assertThat(firstConviction(Bridge.FORGETS_THE_LEDGER, true))
        .isEqualTo(firstConviction(Bridge.FORGETS_THE_LEDGER, true));
  }

  private static OptionalLong firstConviction(Bridge broken, boolean effectivelyOnce) {
    return LongStream.rangeClosed(1, 1_000)
        .filter(seed -> isConvicted(seed, broken, effectivelyOnce))
        .findFirst();
  }

  private static boolean isConvicted(long seed, Bridge broken, boolean effectivelyOnce) {
    try {
      new QueueWorld(seed, broken, effectivelyOnce).run(STEPS);
      return false;
    } catch (Violation violation) {
      return true;
    }
  }
}
