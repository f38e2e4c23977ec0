// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.chaos.Arm.Promise;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport.Conclusion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChaosProgramTest {
  private final ChaosProgram<Load> program =
      new ChaosProgram<>(
          "wires",
          Duration.ofMinutes(2),
          (folder, perSecond) -> new Load(perSecond),
          load ->
              List.of(
                  Fault.momentary("cut", random -> load.get().isCut.set(true)),
                  Fault.momentary("other", random -> {})));

  @Test
  void optionsAreReadWithTheirDefaults() {
    assertThat(program.options()).isEqualTo(new ChaosOptions(Duration.ofMinutes(2), 1, Set.of()));
    assertThat(program.options("--seconds", "7", "--seed", "-3", "--faults", "cut,other"))
        .isEqualTo(new ChaosOptions(Duration.ofSeconds(7), -3, Set.of("cut", "other")));
  }

  @Test
  void whatCannotBeReadIsRefused() {
    for (String[] wrong :
        new String[][] {
          {"--seed"}, {"--seed", "x"}, {"--seconds", "0"}, {"--speed", "1"}, {"--faults", "cut,"}
        }) {
      assertThatIllegalArgumentException().isThrownBy(() -> program.options(wrong));
    }
  }

  @Test
  void anUnknownFaultEndsInTheUsageWithTheKnownNames() throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exitCode;
    try {
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      exitCode = program.command("--faults", "cut,flood");
    } finally {
      System.setErr(before);
    }
    assertThat(exitCode).isEqualTo(64);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            --faults names 'flood', expected some of cut,other
            usage: script/chaos wires [--seconds N] [--seed S] [--faults KIND,KIND...]
            faults: cut other
            """);
  }

  @Test
  void onlyTheChosenFaultsAreInflictedAndTheLoadIsClosed(@TempDir Path folder) throws Exception {
    ChaosReport report =
        program.run(new ChaosOptions(Duration.ofSeconds(1), 1, Set.of("cut")), folder, 10);
    assertThat(report.conclusion()).as(report.toString()).isEqualTo(Conclusion.PASSED);
    assertThat(report.toJson()).contains("\"cut\"").doesNotContain("\"other\"");
    assertThat(folder).isDirectoryContaining(file -> file.toString().contains("wires-"));
  }

  /** Two wires with one message on each, unless the naive one is cut at that moment. */
  private static final class Load extends ChaosLoad {
    private final Arm honest = Arm.of("honest", Promise.EXACTLY_ONCE);
    private final Arm naive = Arm.of("naive", Promise.NONE);
    private final Wire honestWire = new Wire(honest);
    private final Wire naiveWire = new Wire(naive);
    private final AtomicBoolean isCut = new AtomicBoolean();

    Load(int perSecond) {
      send(honest, perSecond, honestWire::pass);
      send(
          naive,
          perSecond,
          message -> {
            if (isCut.getAndSet(false)) {
              naiveWire.inside.clear();
            }
            naiveWire.pass(message);
          });
    }

    @Override
    public List<Arm> arms() {
      return List.of(honest, naive);
    }

    @Override
    public void stopSending() {
      stopSenders();
      honestWire.letOut();
      naiveWire.letOut();
    }

    @Override
    public boolean isDrained() {
      return true;
    }
  }

  /** Used by its sender, and once that has stopped by the run. */
  private record Wire(Arm arm, Deque<byte[]> inside) {
    Wire(Arm arm) {
      this(arm, new ArrayDeque<>());
    }

    void pass(NumberedMessage message) {
      arm.ledger().outcome(message.id(), Outcome.CONFIRMED);
      letOut();
      inside.add(message.body(50));
    }

    void letOut() {
      while (!inside.isEmpty()) {
        NumberedMessage.seen(arm.ledger(), inside.remove());
      }
    }
  }
}
