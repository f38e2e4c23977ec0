// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.trackunit.fabric.testkit.brokers.chaos.FaultSchedule.Step;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  private static final Duration REST = Duration.ofSeconds(1);
  private static final Fault CUT = Fault.momentary("cut", choices -> {}).weight(3);
  private static final Fault KILL = Fault.lasting("kill", choices -> {}, choices -> {});
  private static final Fault FREEZE =
      Fault.lasting("freeze", choices -> {}, choices -> {})
          .lasts(Duration.ofMillis(100), Duration.ofMillis(900));

  @Test
  void theSeedDecidesEverything() {
    assertThat(steps(7, 100)).isEqualTo(steps(7, 100)).isNotEqualTo(steps(8, 100));
  }

  @Test
  void eachKindComesBeforeAnyComesAgainAndAsOftenAsItsWeightSays() {
    for (long seed = 0; seed < 50; seed++) {
      List<Step> steps = steps(seed, 500);
      assertThat(steps.subList(0, 3))
          .as("seed " + seed)
          .extracting(Step::fault)
          .doesNotHaveDuplicates();
      assertThat(steps.stream().collect(Collectors.groupingBy(Step::fault, Collectors.counting())))
          .containsEntry(CUT, 300L)
          .containsEntry(KILL, 100L)
          .containsEntry(FREEZE, 100L);
    }
  }

  @Test
  void aFaultLastsWithinItsBounds() {
    assertThat(steps(1, 500))
        .allSatisfy(
            step ->
                assertThat(step.lasts())
                    .isBetween(step.fault().shortest(), step.fault().longest()));
  }

  @Test
  void aScheduleOfNothingOrOfOneKindTwiceIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new FaultSchedule(1, List.of(), REST));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FaultSchedule(1, List.of(CUT, CUT.weight(1)), REST))
        .withMessageContaining("each once");
  }

  private static List<Step> steps(long seed, int count) {
    FaultSchedule schedule = new FaultSchedule(seed, List.of(CUT, KILL, FREEZE), REST);
    return Stream.generate(schedule::next).limit(count).toList();
  }
}
