// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.bridge.SimulatedWorld.Bridge;
import com.trackunit.fabric.bridge.SimulatedWorld.Violation;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RouteCorePropertyTest {
  private static final int STEPS = 400;

  @Test
  void everyInterleavingKeepsTheGuarantees() {
    long overtaken = 0;
    for (long seed = 1; seed <= 1_000; seed++) {
      SimulatedWorld world = new SimulatedWorld(seed, Bridge.WHOLE);
      try {
        world.run(STEPS);
      } catch (Violation | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
      overtaken += world.overtaken();
    }
    assertThat(overtaken).as("messages overtaken: the faults are strong enough").isPositive();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WHOLE")
  void aBridgeBrokenOnPurposeIsConvicted(Bridge broken) {
    OptionalLong convictedAt =
        LongStream.rangeClosed(1, 1_000).filter(seed -> isConvicted(seed, broken)).findFirst();

    assertThat(convictedAt).as("first seed that convicts %s", broken).isPresent();
  }

  private static boolean isConvicted(long seed, Bridge broken) {
    try {
      new SimulatedWorld(seed, broken).run(STEPS);
      return false;
    } catch (Violation violation) {
      return true;
    }
  }
}
