// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.chaos.Arm.Promise;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport.Conclusion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a broker of a few lines, which breaks exactly those promises it is told to break. */
class ChaosRunTest {
  private final Arm honest = Arm.of("honest", Promise.IN_ORDER);
  private final Arm naive = Arm.of("naive", Promise.NONE);
  private final Pipe pipe = new Pipe(honest.ledger());
  private final Pipe leaking = new Pipe(naive.ledger());
  private Told told = Told.NOTHING;

  @AfterEach
  void stop() {
    pipe.stop();
    leaking.stop();
  }

  @Test
  void keptPromisesBesideAConvictedProgramPass() throws Exception {
    ChaosReport report =
        run(
            Fault.momentary("leak", choices -> leaking.drops.set(5)),
            Fault.lasting("halt", choices -> pipe.halts = true, choices -> pipe.halts = false));
    assertThat(report.conclusion()).as(report.toString()).isEqualTo(Conclusion.PASSED);
    assertThat(report.exitCode()).isZero();
    assertThat(report.faultCount()).isGreaterThanOrEqualTo(2);
    assertThat(report.verdictOn("naive").lost()).isPositive();
    assertThat(report.toString()).contains("PASS", "halt", "leak", "in order");
  }

  @Test
  void aLossOnAnHonestArmFails() throws Exception {
    ChaosReport report = run(Fault.momentary("leak", choices -> dropOneEach()));
    assertThat(report.conclusion()).isEqualTo(Conclusion.FAILED);
    assertThat(report.exitCode()).isEqualTo(1);
    assertThat(report.toString()).contains("FAIL", "arm 'honest' promised in order", "lost: ");
  }

  @Test
  void messagesOutOfOrderFail() throws Exception {
    ChaosReport report = run(swap());
    assertThat(report.conclusion()).as(report.toString()).isEqualTo(Conclusion.FAILED);
    assertThat(report.verdictOn("honest").reordered()).isPositive();
  }

  @Test
  void messagesThatMayBeOvertakenPassIfTheProgramHasCountedThem() throws Exception {
    pipe.sendsBack = true;
    told = new Told(1_000_000, 7);
    ChaosReport report = run(swap());
    assertThat(report.conclusion()).as(report.toString()).isEqualTo(Conclusion.PASSED);
    assertThat(report.verdictOn("honest").overtaken()).isPositive();
    assertThat(report.toJson()).contains("\"beyond_ledger\": 7");
  }

  @Test
  void overtakenMessagesThatTheProgramHasNotCountedLeaveADoubt() throws Exception {
    pipe.sendsBack = true;
    ChaosReport report = run(swap());
    assertThat(report.conclusion()).as(report.toString()).isEqualTo(Conclusion.INCONCLUSIVE);
    assertThat(report.toString()).contains("overtaken messages, but its program has counted 0");
  }

  private Fault swap() {
    return Fault.momentary(
        "swap",
        choices -> {
          pipe.swaps = true;
          leaking.drops.set(1);
        });
  }

  @Test
  void anArmThatDoesNotRecoverFails() throws Exception {
    ChaosReport report = run(Fault.momentary("halt", choices -> pipe.halts = true));
    assertThat(report.conclusion()).isEqualTo(Conclusion.FAILED);
    assertThat(report.toString()).contains("arm 'honest' is stuck", "after halt");
  }

  @Test
  void aRunThatConvictsNobodyOrCatchesNothingIsInconclusive() throws Exception {
    ChaosReport report = run(Fault.momentary("nothing", choices -> {}));
    assertThat(report.conclusion()).isEqualTo(Conclusion.INCONCLUSIVE);
    assertThat(report.exitCode()).isEqualTo(2);
    assertThat(report.toString()).contains("the ledger was not put to the test");
  }

  @Test
  void aFaultThatCannotBeInflictedEndsTheRunInDoubtAndIsEnded() throws Exception {
    List<String> ended = new ArrayList<>();
    ChaosReport report =
        run(
            Fault.lasting(
                "broken",
                choices -> {
                  leaking.drops.set(1);
                  throw new IOException("no such broker");
                },
                choices -> ended.add("yes")));
    assertThat(report.conclusion()).isEqualTo(Conclusion.INCONCLUSIVE);
    assertThat(report.faultCount()).isEqualTo(1);
    assertThat(report.toString()).contains("no such broker");
    assertThat(ended).containsExactly("yes");
  }

  @Test
  void aMachineReadsTheCountsOfHonestArms(@TempDir Path folder) throws Exception {
    ChaosReport report = run(Fault.momentary("leak", choices -> leaking.drops.set(5)));
    Path file = folder.resolve("chaos").resolve("run.json");
    report.write(file);
    assertThat(Files.readString(file))
        .contains("\"seed\": 3,", "\"verdict\": \"passed\"", "\"conclusive\": true", "\"leak\": ")
        .contains("\"lost\": 0", "\"destroyed\": 0", "\"unexpected\": 0", "\"reordered\": 0")
        .contains("\"naive\": {", "\"promise\": \"none\"");
  }

  private void dropOneEach() {
    pipe.drops.set(1);
    leaking.drops.set(1);
  }

  private ChaosReport run(Fault... faults) throws InterruptedException {
    pipe.thread.start();
    leaking.thread.start();
    ChaosRun.Builder run =
        ChaosRun.builder("pipes", 3, Duration.ofMillis(200), new Pipes())
            .confirmedAtLeast(10)
            .recoverWithin(Duration.ofSeconds(5))
            .restAtMost(Duration.ofMillis(20));
    for (Fault fault : faults) {
      run.fault(fault.kind().equals("halt") ? fault.lasts(Duration.ZERO, Duration.ZERO) : fault);
    }
    return run.build().run();
  }

  private final class Pipes extends ChaosLoad {
    @Override
    public List<Arm> arms() {
      return List.of(honest, naive);
    }

    @Override
    public void stopSending() {
      pipe.stop();
      leaking.stop();
    }

    @Override
    public boolean isDrained() {
      return true;
    }

    @Override
    public Told told(Arm arm) {
      return told;
    }
  }

  /** Confirms each message, and lets it out three messages later. */
  private static final class Pipe {
    private final Ledger ledger;
    private final Thread thread = new Thread(this::flow, "pipe");
    private final Deque<Long> inside = new ArrayDeque<>();
    private volatile boolean halts;
    private volatile boolean swaps;
    private volatile boolean sendsBack;
    private final AtomicInteger drops = new AtomicInteger();
    private volatile boolean stopped;

    Pipe(Ledger ledger) {
      this.ledger = ledger;
    }

    private void flow() {
      try {
        for (long sequence = 0; !stopped; sequence++) {
          Thread.sleep(1); // the pace of a load, not a wait
          while (halts && !stopped) {
            Thread.sleep(1);
          }
          ledger.sent("m" + sequence, "k", sequence);
          ledger.outcome("m" + sequence, Outcome.CONFIRMED);
          inside.add(sequence);
          if (inside.size() > 3) {
            letOut();
          }
        }
        while (!inside.isEmpty()) {
          letOut();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void letOut() {
      if (drops.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
        inside.remove();
      } else if (swaps && inside.size() > 1) {
        if (sendsBack) {
          ledger.sentBack(key -> true);
        }
        long first = inside.remove();
        see(inside.remove());
        inside.addFirst(first);
        swaps = false;
      } else {
        see(inside.remove());
      }
    }

    private void see(long sequence) {
      ledger.seen("m" + sequence, "k", sequence);
    }

    void stop() {
      stopped = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
