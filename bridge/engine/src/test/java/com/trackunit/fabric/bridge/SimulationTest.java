// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
  private static final long SCHEDULES = 1_000;

  static List<Simulation> whole() {
    return Simulation.whole();
  }

  static List<Simulation> broken() {
    return Simulation.broken();
  }

  @ParameterizedTest
  @MethodSource("whole")
  void everyInterleavingKeepsTheGuarantees(Simulation simulation) {
    for (long seed = 1; seed <= 300; seed++) {
      assertThat(simulation.violation(Simulation.schedule(seed), Trace.counting()))
          .as("%s, seed %d", simulation, seed)
          .isNull();
    }
  }

  /** Skipped and not in the ledger, it was taken for its like, which then came twice. */
  @Test
  void aSkippedMessageDeliveredAgainDoesNotPassForOneOfTheSameIdAndBody() {
    Simulation simulation = Simulation.ofQueue(QueueWorld.Bridge.WHOLE, true);

    assertThat(simulation.violation(Simulation.schedule(1265), Trace.counting())).isNull();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aBridgeBrokenOnPurposeIsConvicted(Simulation simulation) {
    assertThat(simulation.firstViolated(1, SCHEDULES)).as("convicts %s", simulation).isPresent();
  }

  @Test
  void everyKindOfFaultHappensInTheWorldsItBelongsTo() {
    assertThat(missing(Simulation.ofTopic(TopicWorld.Bridge.WHOLE)))
        .containsExactlyInAnyOrder(
            Happening.ACK,
            Happening.LOST_ACK,
            Happening.FENCED,
            Happening.ACKED_REDELIVERED,
            Happening.TIME_OUT);
    Set<Happening> ofTopicsAlone =
        EnumSet.of(
            Happening.RETURN,
            Happening.NACK,
            Happening.BLOCKED,
            Happening.FAILED_COMMIT,
            Happening.ASSIGNED_PARTITION,
            Happening.LOST_PARTITION,
            Happening.REVOKED_PARTITION);
    Set<Happening> notTransactional = EnumSet.copyOf(ofTopicsAlone);
    notTransactional.addAll(
        EnumSet.of(Happening.COMMIT, Happening.UNKNOWN_COMMIT, Happening.FENCED));
    assertThat(missing(Simulation.ofQueue(QueueWorld.Bridge.WHOLE, false)))
        .isEqualTo(notTransactional);
    Set<Happening> transactional = EnumSet.copyOf(ofTopicsAlone);
    transactional.add(Happening.CONFIRM); // its commits are
    assertThat(missing(Simulation.ofQueue(QueueWorld.Bridge.WHOLE, true))).isEqualTo(transactional);
  }

  private static Set<Happening> missing(Simulation simulation) {
    Trace trace = Trace.counting();
    for (long seed = 1; seed <= 100; seed++) {
      simulation.violation(Simulation.schedule(seed), trace);
    }
    Set<Happening> missing = EnumSet.noneOf(Happening.class);
    Arrays.stream(Happening.values()).filter(what -> trace.count(what) == 0).forEach(missing::add);
    return missing;
  }

  @Test
  void messagesAreOvertakenWhereTheyMayBe() {
    long overtaken = 0;
    for (long seed = 1; seed <= 100; seed++) {
      TopicWorld world =
          new TopicWorld(Simulation.schedule(seed), TopicWorld.Bridge.WHOLE, Trace.counting());
      world.run();
      overtaken += world.overtaken();
    }
    assertThat(overtaken).as("the faults are strong enough").isPositive();
  }

  @Test
  void theShortestScheduleStillBreaksTheGuaranteeAndNeedsEachOfItsSteps() {
    Simulation simulation = Simulation.ofQueue(QueueWorld.Bridge.FORGETS_THE_LEDGER, true);
    OptionalLong seed = simulation.firstViolated(1, SCHEDULES);
    Schedule found = Simulation.schedule(seed.orElseThrow());
    assertThat(simulation.firstViolated(1, SCHEDULES)).as("the same again").isEqualTo(seed);

    Schedule shortest = found.shortest(simulation::isViolatedBy);

    assertThat(shortest.length()).isBetween(1, found.length() - 1);
    assertThat(simulation.isViolatedBy(shortest)).isTrue();
    assertThat(shortest.shortest(simulation::isViolatedBy).length()).isEqualTo(shortest.length());
  }

  @Test
  void theScriptSaysHowManyHeldAndWhatEachBrokenBridgeBroke() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    boolean held = Simulate.run(40, 7, new PrintStream(out, true, UTF_8));

    List<String> lines = out.toString(UTF_8).lines().toList();
    assertThat(held).as("%s", lines).isTrue();
    assertThat(lines).hasSize(Simulation.whole().size() + Simulation.broken().size());
    assertThat(lines.get(0))
        .matches("topic to exchange: held in 20 schedules \\(seeds 7 to 26\\), \\d+ a second");
    assertThat(lines.subList(3, lines.size()))
        .allSatisfy(line -> assertThat(line).contains(": convicted by schedule "));
  }
}
