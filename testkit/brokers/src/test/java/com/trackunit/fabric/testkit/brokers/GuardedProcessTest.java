// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class GuardedProcessTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  /** Daemons that leave the process group and the parent, as epmd and Erlang's ports do. */
  private static final String WITH_DAEMONS =
      "(setsid sh -c 'sleep 1000 & exec sleep 1000' &) ; echo ready ; exec sleep 1000";

  private final String trace = "trace-" + UUID.randomUUID();
  @TempDir Path folder;

  @Test
  void tellsExitStatusAndKeepsOutput() throws Exception {
    Path output = folder.resolve("output");
    try (GuardedProcess process =
        GuardedProcess.builder("sh", "-c", "echo out; echo err >&2; pwd; cat; exit 3")
            .workingDirectory(folder)
            .outputFile(output)
            .start()) {
      assertThat(process.waitForExit(LONG)).hasValue(3);
      assertThat(process.isAlive()).isFalse();
    }
    assertThat(Files.readAllLines(output)).containsExactly("out", "err", folder.toString());
  }

  @Test
  void programThatDoesNotExistExitsWith127() throws Exception {
    Path output = folder.resolve("output");
    try (GuardedProcess process =
        GuardedProcess.builder("no-such-program").outputFile(output).start()) {
      assertThat(process.waitForExit(LONG)).hasValue(127);
    }
    assertThat(output).content().contains("no-such-program");
  }

  @Test
  void pidIsTheProgramsOwn() throws Exception {
    Path output = folder.resolve("output");
    try (GuardedProcess process =
        GuardedProcess.builder("sh", "-c", "echo $$").outputFile(output).start()) {
      process.waitForExit(LONG);
      assertThat(output).content().isEqualTo(process.pid() + "\n");
    }
  }

  @Test
  void killTakesDaemonsAlong() throws Exception {
    GuardedProcess process = startWithDaemons();
    process.kill();
    assertThat(Processes.mentioning(trace)).isEmpty();
    assertThat(process.waitForExit(Duration.ZERO)).hasValue(128 + 9);
    process.close();
    process.close();
  }

  @Test
  void leftoversOfAProgramThatExitsAreKilled() throws Exception {
    try (GuardedProcess process =
        GuardedProcess.builder("sh", "-c", "(setsid sleep 1000 &); exit 0")
            .environment(Map.of("TRACE", trace))
            .start()) {
      assertThat(process.waitForExit(LONG)).hasValue(0);
      assertThat(Processes.mentioning(trace)).isEmpty();
    }
  }

  @Test
  void freezeStopsAllAndThawLetsAllGoOn() throws Exception {
    try (GuardedProcess process = startWithDaemons()) {
      List<Long> all = carriers();
      process.freeze();
      await().atMost(LONG).until(() -> all.stream().allMatch(p -> Processes.state(p) == 'T'));
      assertThat(process.isAlive()).isTrue();
      process.thaw();
      await().atMost(LONG).until(() -> all.stream().allMatch(p -> Processes.state(p) == 'S'));
    }
  }

  @Test
  void frozenOnesAreKilledToo() throws Exception {
    GuardedProcess process = startWithDaemons();
    process.freeze();
    process.close();
    assertThat(Processes.mentioning(trace)).isEmpty();
  }

  @Test
  void stopAsksBeforeItKills() {
    try (GuardedProcess polite =
        GuardedProcess.builder("sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done")
            .start()) {
      // Asked before its trap is set it dies of the signal, which is leaving by itself as well.
      assertThat(polite.stop(LONG)).isTrue();
      assertThat(polite.stop(LONG)).isTrue();
    }
  }

  @Test
  void stopKillsWhatDoesNotLeave() throws Exception {
    Path output = folder.resolve("output");
    try (GuardedProcess stubborn =
        GuardedProcess.builder("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
            .outputFile(output)
            .start()) {
      await().atMost(LONG).until(() -> Files.readString(output).contains("ready"));
      assertThat(stubborn.stop(Duration.ofMillis(200))).isFalse();
      assertThat(stubborn.isAlive()).isFalse();
    }
  }

  @Test
  void ordersToOneThatHasGoneAreRefused() {
    GuardedProcess process = GuardedProcess.builder("true").name("short").start();
    assertThat(process.waitForExit(LONG)).hasValue(0);
    assertThatThrownBy(process::freeze)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("freeze short")
        .hasMessageContaining("has gone");
    process.close();
  }

  @Test
  void cleanEnvironmentHoldsPathAndWhatIsGiven() throws Exception {
    Path output = folder.resolve("output");
    try (GuardedProcess process =
        GuardedProcess.builder("env")
            .inheritEnvironment(false)
            .environment(Map.of("GIVEN", "yes"))
            .outputFile(output)
            .start()) {
      assertThat(process.waitForExit(LONG)).hasValue(0);
    }
    assertThat(Files.readAllLines(output))
        .contains("GIVEN=yes")
        .anyMatch(line -> line.startsWith("PATH="))
        .noneMatch(line -> line.startsWith("HOME="));
  }

  @Test
  void nothingSurvivesKillOfTheJvmEvenWhileFrozen() throws Exception {
    long pid;
    try (OtherJvm jvm = OtherJvm.start("frozen")) {
      pid = Long.parseLong(jvm.line());
      assertThat(Processes.mentioning("FABRIC_GUARD_")).contains(pid);
      String mark = markOf(pid);
      jvm.kill();
      await().atMost(LONG).until(() -> Processes.mentioning(mark).isEmpty());
    }
    assertThat(Processes.state(pid)).isIn('X', 'Z');
  }

  @Test
  void mistakesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GuardedProcess.builder(List.of()))
        .withMessageContaining("command");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> GuardedProcess.builder("true").workingDirectory(folder.resolve("missing")))
        .withMessageContaining("workingDirectory");
  }

  private GuardedProcess startWithDaemons() throws Exception {
    GuardedProcess process =
        GuardedProcess.builder("sh", "-c", WITH_DAEMONS)
            .environment(Map.of("TRACE", trace))
            .start();
    await().atMost(LONG).until(() -> sleepers() == 3);
    return process;
  }

  private long sleepers() throws Exception {
    long count = 0;
    for (long pid : Processes.mentioning(trace)) {
      Path name = Path.of("/proc", String.valueOf(pid), "comm");
      count += Files.exists(name) && Files.readString(name).equals("sleep\n") ? 1 : 0;
    }
    return count;
  }

  /** Those that belong to the program: not the guard, which has the trace but not the mark. */
  private List<Long> carriers() throws Exception {
    List<Long> all = Processes.mentioning(trace);
    all.retainAll(Processes.mentioning("FABRIC_GUARD_"));
    all.removeIf(pid -> Processes.state(pid) == 'Z');
    all.removeIf(pid -> commandOf(pid).contains("fabric-guard"));
    return all;
  }

  private static String commandOf(long pid) {
    return ProcessHandle.of(pid).flatMap(p -> p.info().commandLine()).orElse("");
  }

  private static String markOf(long pid) throws Exception {
    String environment = Files.readString(Path.of("/proc", String.valueOf(pid), "environ"));
    int start = environment.indexOf("FABRIC_GUARD_");
    return environment.substring(start, environment.indexOf('=', start));
  }
}
