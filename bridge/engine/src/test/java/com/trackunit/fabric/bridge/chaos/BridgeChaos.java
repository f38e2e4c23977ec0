// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.testkit.brokers.chaos.Arm;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosReport;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosRun;
import com.trackunit.fabric.testkit.brokers.chaos.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The run behind {@code script/chaos bridge}. */
final class BridgeChaos {
  private static final String USAGE =
      "usage: script/chaos bridge [--seconds N] [--seed S] [--faults KIND,KIND...]";
  private static final int LONG_ENOUGH_FOR_THIRTY = 180;

  /**
   * What to run.
   *
   * @param seconds how long
   * @param seed of the schedule
   * @param kinds which faults; empty for all
   */
  record Options(int seconds, long seed, Set<String> kinds) {}

  private BridgeChaos() {}

  /** Runs it and exits: 0 passed, 1 failed, 2 inconclusive, 64 wrong usage. */
  public static void main(String[] arguments) throws Exception {
    Options options;
    try {
      options = parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + USAGE);
      System.exit(64);
      return;
    }
    Path folder = Path.of("target", "chaos").toAbsolutePath();
    ChaosReport report = run(options, folder, 10_000);
    report.write(folder.resolve("bridge.json"));
    System.out.println(report + "Counts: target/chaos/bridge.json");
    System.exit(report.exitCode());
  }

  static Options parse(String[] arguments) {
    int seconds = LONG_ENOUGH_FOR_THIRTY;
    long seed = 1;
    Set<String> kinds = new LinkedHashSet<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " without a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--seconds" -> seconds = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--faults" -> kinds.addAll(List.of(value.split(",")));
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    if (seconds < 1) {
      throw new IllegalArgumentException("--seconds is " + seconds + ", expected at least 1");
    }
    return new Options(seconds, seed, kinds);
  }

  /** Runs it in a new folder for the processes' logs within the given one. */
  static ChaosReport run(Options options, Path folder, int confirmedAtLeast) throws Exception {
    Files.createDirectories(folder);
    Path logs = Files.createTempDirectory(folder, "bridge-");
    // A ledger keeps every message in memory: long runs go slower.
    int perSecond = Math.max(20, Math.min(200, 400_000 / options.seconds()));
    try (Load load = new Load(logs, perSecond)) {
      ChaosRun.Builder run =
          ChaosRun.builder("bridge", options.seed(), Duration.ofSeconds(options.seconds()))
              .confirmedAtLeast(confirmedAtLeast)
              .faultsAtLeast(options.seconds() / 6)
              .warmUp(Duration.ofSeconds(4)) // a killed RabbitMQ 3.10 forgets young quorum queues
              .recoverWithin(Duration.ofSeconds(90))
              .stopLoad(load::stopSending)
              .drainedWhen(load::isEmpty)
              .progress(System.out::println);
      for (Arm arm : load.arms()) {
        run.arm(arm);
      }
      for (Fault fault : chosen(faults(load), options.kinds())) {
        run.fault(fault);
      }
      return run.build().run();
    }
  }

  private static List<Fault> chosen(List<Fault> all, Set<String> kinds) {
    List<String> known = all.stream().map(Fault::kind).toList();
    if (!known.containsAll(kinds)) {
      throw new IllegalArgumentException("--faults " + kinds + ", expected some of " + known);
    }
    return kinds.isEmpty() ? all : all.stream().filter(f -> kinds.contains(f.kind())).toList();
  }

  private static List<Fault> faults(Load load) {
    List<Fault> faults = new ArrayList<>();
    faults.addAll(ofTheBrokers(load));
    faults.addAll(ofTheNetwork(load));
    faults.addAll(ofTheBridge(load));
    faults.addAll(ofPlaces(load));
    return faults;
  }

  private static List<Fault> ofTheBrokers(Load load) {
    var rabbit = load.rabbitNode();
    var kafka = load.kafka();
    return List.of(
        Fault.lasting("rabbitmq-killed", random -> rabbit.kill(), random -> rabbit.restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500)),
        Fault.lasting("rabbitmq-frozen", random -> rabbit.freeze(), random -> rabbit.thaw())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(1_000)),
        Fault.lasting(
                "rabbitmq-frozen-past-heartbeat",
                random -> rabbit.freeze(),
                random -> rabbit.thaw())
            .lasts(Duration.ofMillis(3_000), Duration.ofMillis(3_500)),
        Fault.lasting("kafka-killed", random -> kafka.kill(), random -> kafka.restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500)),
        Fault.lasting("kafka-frozen", random -> kafka.freeze(), random -> kafka.thaw())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(2_500)),
        Fault.lasting(
                "memory-alarm",
                random -> rabbit.memoryAlarm(true),
                random -> rabbit.memoryAlarm(false))
            .lasts(Duration.ZERO, Duration.ofSeconds(1)));
  }

  private static List<Fault> ofTheNetwork(Load load) {
    return List.of(
        Fault.momentary("connections-cut", random -> load.proxy().cut()).weight(2),
        Fault.lasting(
                "connections-reset",
                random -> load.proxy().resetAfter(random.nextInt(20_000)),
                random -> load.proxy().heal())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(800)),
        Fault.lasting("half-open", random -> load.proxy().halfOpen(), random -> load.proxy().heal())
            .lasts(Duration.ofMillis(3_000), Duration.ofMillis(3_500)),
        Fault.momentary(
            "closed-by-operator", random -> load.rabbitNode().closeConnections("chaos")));
  }

  private static List<Fault> ofTheBridge(Load load) {
    return List.of(
        Fault.lasting(
                "bridge-killed",
                random -> bridge(load, random).kill(),
                random -> bridge(load, random).restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500))
            .weight(2),
        Fault.lasting(
                "bridge-frozen",
                random -> bridge(load, random).freeze(),
                random -> bridge(load, random).thaw())
            .lasts(Duration.ofMillis(500), Duration.ofMillis(4_000)),
        Fault.lasting(
                "rebalance",
                random -> bridge(load, random).stop(),
                random -> bridge(load, random).restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500)),
        Fault.lasting(
                "naive-bridge-killed",
                random -> load.naive().kill(),
                random -> load.naive().restart())
            .lasts(Duration.ZERO, Duration.ofMillis(200)));
  }

  private static BridgeProcess bridge(Load load, RandomGenerator random) {
    return load.bridges().get(random.nextInt(load.bridges().size()));
  }

  private static List<Fault> ofPlaces(Load load) {
    return List.of(
        Fault.momentary("queue-deleted", random -> load.deleteQueue()),
        Fault.momentary("topic-deleted", random -> load.deleteTopic()));
  }
}
