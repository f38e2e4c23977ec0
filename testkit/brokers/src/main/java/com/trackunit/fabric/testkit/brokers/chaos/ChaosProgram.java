// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@code script/chaos NAME} starts: reads the options, opens the load, runs a {@link ChaosRun}
 * on it and writes the verdict. A module brings its {@linkplain ChaosLoad load} and its faults.
 *
 * <p>Immutable; each run opens a load of its own.
 *
 * @param <L> the module's load
 */
public final class ChaosProgram<L extends ChaosLoad> {
  private static final int WRONG_USAGE = 64;
  private static final int CONFIRMED_BY_EACH_ARM = 10_000;
  private static final int SECONDS_FOR_A_FAULT = 6;

  /** A killed RabbitMQ 3.10 forgets quorum queues that are younger. */
  private static final Duration WARM_UP = Duration.ofSeconds(4);

  private static final Duration RECOVER_WITHIN = Duration.ofSeconds(90);

  /**
   * Starts a load.
   *
   * @param <L> the module's load
   */
  @FunctionalInterface
  public interface Opener<L> {
    /**
     * Starts brokers, the programs under test, senders and readers.
     *
     * @param folder for logs and sightings; empty
     * @param perSecond how many messages each arm sends
     * @return a load that runs
     * @throws Exception if it cannot be started
     */
    L open(Path folder, int perSecond) throws Exception;
  }

  private final String name;
  private final Duration time;
  private final Opener<L> opener;
  private final Function<Supplier<L>, List<Fault>> faults;

  /**
   * A program.
   *
   * @param name as the script calls it
   * @param time how long it inflicts faults unless told otherwise
   * @param opener starts the load
   * @param faults given where the load will be, all kinds of faults
   */
  public ChaosProgram(
      String name, Duration time, Opener<L> opener, Function<Supplier<L>, List<Fault>> faults) {
    this.name = Objects.requireNonNull(name, "name");
    this.time = Objects.requireNonNull(time, "time");
    this.opener = Objects.requireNonNull(opener, "opener");
    this.faults = Objects.requireNonNull(faults, "faults");
  }

  /**
   * Runs as a script's command: the verdict to the console and to {@code target/chaos/NAME.json}.
   *
   * @param arguments {@code --seconds N --seed S --faults KIND,KIND...}
   * @return the exit code: 0 passed, 1 failed, 2 inconclusive, 64 wrong usage
   * @throws Exception if the load cannot be started or the verdict cannot be written
   */
  public int command(String... arguments) throws Exception {
    ChaosOptions options;
    try {
      options = options(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + usage());
      return WRONG_USAGE;
    }
    Path folder = Path.of("target", "chaos").toAbsolutePath();
    ChaosReport report = run(options, folder, CONFIRMED_BY_EACH_ARM);
    report.write(folder.resolve(name + ".json"));
    System.out.println(report + "Counts: target/chaos/" + name + ".json");
    return report.exitCode();
  }

  /**
   * Reads the options without running anything.
   *
   * @param arguments as of {@link #command}
   * @return what they say
   * @throws IllegalArgumentException if they cannot be read; says what is expected
   */
  public ChaosOptions options(String... arguments) {
    return ChaosOptions.parse(arguments, time, kinds());
  }

  private String usage() {
    return "usage: script/chaos "
        + name
        + " [--seconds N] [--seed S] [--faults KIND,KIND...]\nfaults: "
        + String.join(" ", kinds());
  }

  private List<String> kinds() {
    Supplier<L> notYet =
        () -> {
          throw new IllegalStateException(name + ": a fault needs its load before it is inflicted");
        };
    return faults.apply(notYet).stream().map(Fault::kind).toList();
  }

  /**
   * Runs to the end.
   *
   * @param options what to run
   * @param folder gets a folder with the run's logs
   * @param confirmedAtLeast how many messages each honest arm has to confirm
   * @return what was found
   * @throws Exception if the load cannot be started
   */
  public ChaosReport run(ChaosOptions options, Path folder, int confirmedAtLeast) throws Exception {
    Path logs = newFolder(folder);
    AtomicReference<@Nullable L> opened = new AtomicReference<>();
    List<Fault> all = faults.apply(() -> Objects.requireNonNull(opened.get(), "load"));
    try (L load = opener.open(logs, pace(options.time()))) {
      opened.set(load);
      ChaosRun.Builder run =
          ChaosRun.builder(name, options.seed(), options.time(), load)
              .confirmedAtLeast(confirmedAtLeast)
              .faultsAtLeast(Math.toIntExact(options.time().toSeconds() / SECONDS_FOR_A_FAULT))
              .warmUp(WARM_UP)
              .recoverWithin(RECOVER_WITHIN)
              .progress(System.out::println);
      all.stream()
          .filter(fault -> options.kinds().isEmpty() || options.kinds().contains(fault.kind()))
          .forEach(run::fault);
      return run.build().run();
    }
  }

  private Path newFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.createTempDirectory(folder, name + "-");
  }

  /** A ledger keeps every message in memory: long runs go slower. */
  private static int pace(Duration time) {
    return (int) Math.max(20, Math.min(200, 400_000 / time.toSeconds()));
  }
}
