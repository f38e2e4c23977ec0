// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.trackunit.fabric.testkit.brokers.FaultProxy;
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

/** The run behind {@code script/chaos messaging}. */
final class MessagingChaos {
  private static final String USAGE =
      "usage: script/chaos messaging [--seconds N] [--seed S] [--faults KIND,KIND...]";
  private static final int LONG_ENOUGH_FOR_TWENTY = 120;

  /**
   * What to run.
   *
   * @param seconds how long
   * @param seed of the schedule
   * @param kinds which faults; empty for all
   */
  record Options(int seconds, long seed, Set<String> kinds) {}

  private MessagingChaos() {}

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
    report.write(folder.resolve("messaging.json"));
    System.out.println(report + "Counts: target/chaos/messaging.json");
    System.exit(report.exitCode());
  }

  static Options parse(String[] arguments) {
    int seconds = LONG_ENOUGH_FOR_TWENTY;
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

  /** Runs it in a new folder for the sightings within the given one. */
  static ChaosReport run(Options options, Path folder, int confirmedAtLeast) throws Exception {
    Files.createDirectories(folder);
    Path sightings = Files.createTempDirectory(folder, "messaging-");
    // A ledger keeps every message in memory: long runs go slower.
    int perSecond = Math.max(20, Math.min(250, 600_000 / options.seconds()));
    try (Load load = new Load(sightings, perSecond)) {
      ChaosRun.Builder run =
          ChaosRun.builder("messaging", options.seed(), Duration.ofSeconds(options.seconds()))
              .confirmedAtLeast(confirmedAtLeast)
              .faultsAtLeast(options.seconds() / 6)
              .warmUp(Duration.ofSeconds(4)) // a killed RabbitMQ 3.10 forgets young quorum queues
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

  static List<Fault> faults(Load load) {
    List<Fault> faults = new ArrayList<>();
    faults.addAll(ofTheBroker(load));
    faults.addAll(ofTheNetwork(load));
    faults.addAll(ofConsumersAndQueues(load));
    return faults;
  }

  private static List<Fault> ofTheBroker(Load load) {
    var node = load.node();
    return List.of(
        Fault.lasting("broker-killed", random -> node.kill(), random -> node.restart())
            .lasts(Duration.ZERO, Duration.ofSeconds(1)),
        Fault.lasting("broker-frozen", random -> node.freeze(), random -> node.thaw())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(1500)),
        Fault.lasting(
                "broker-frozen-past-heartbeat", random -> node.freeze(), random -> node.thaw())
            .lasts(Duration.ofMillis(3500), Duration.ofMillis(4500)),
        Fault.lasting(
                "memory-alarm", random -> node.memoryAlarm(true), random -> node.memoryAlarm(false))
            .lasts(Duration.ZERO, Duration.ofSeconds(1)),
        Fault.lasting("disk-alarm", random -> node.diskAlarm(true), random -> node.diskAlarm(false))
            .lasts(Duration.ZERO, Duration.ofSeconds(1)),
        Fault.momentary("closed-by-operator", random -> node.closeConnections("chaos")));
  }

  private static List<Fault> ofTheNetwork(Load load) {
    return List.of(
        Fault.momentary("connections-cut", random -> any(load, random).cut()).weight(2),
        Fault.lasting(
                "connections-reset",
                random -> any(load, random).resetAfter(random.nextInt(50_000)),
                random -> any(load, random).heal())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(800)),
        Fault.lasting("half-open", random -> halfOpen(load, random), random -> heal(load))
            .lasts(Duration.ofMillis(3000), Duration.ofMillis(4000)),
        Fault.lasting(
                "network-slow",
                random -> any(load, random).slow(10_000 + random.nextInt(40_000)),
                random -> any(load, random).heal())
            .lasts(Duration.ofMillis(500), Duration.ofMillis(1500)),
        Fault.lasting(
                "connections-refused",
                random -> {
                  any(load, random).refuse();
                  any(load, random).cut();
                },
                random -> heal(load))
            .lasts(Duration.ofMillis(300), Duration.ofMillis(1500)));
  }

  private static FaultProxy any(Load load, RandomGenerator random) {
    return random.nextBoolean() ? load.proxy() : load.processProxy();
  }

  private static void halfOpen(Load load, RandomGenerator random) {
    load.proxy().halfOpen();
    if (random.nextBoolean()) {
      load.processProxy().halfOpen();
    }
  }

  private static void heal(Load load) {
    load.proxy().heal();
    load.processProxy().heal();
  }

  private static List<Fault> ofConsumersAndQueues(Load load) {
    return List.of(
        Fault.lasting(
                "consumer-killed",
                random -> process(load, random).kill(),
                random -> process(load, random).restart())
            .lasts(Duration.ZERO, Duration.ofSeconds(1))
            .weight(2),
        Fault.lasting(
                "consumer-frozen",
                random -> process(load, random).freeze(),
                random -> process(load, random).thaw())
            .lasts(Duration.ofMillis(500), Duration.ofMillis(4500)),
        Fault.lasting("consumer-timeout", random -> load.stall(true), random -> load.stall(false))
            .lasts(Duration.ofMillis(4000), Duration.ofMillis(4500)),
        Fault.lasting(
                "queue-full",
                random -> load.boundedConsumer().pause(),
                random -> load.boundedConsumer().resume())
            .lasts(Duration.ofMillis(2500), Duration.ofMillis(3000)),
        Fault.momentary("queue-deleted", random -> load.deleteQueue()),
        Fault.lasting(
                "exchange-deleted", random -> load.deleteExchange(), random -> load.declareAgain())
            .lasts(Duration.ofMillis(100), Duration.ofMillis(500)));
  }

  private static ConsumerProcess process(Load load, RandomGenerator random) {
    return load.processes().get(random.nextInt(load.processes().size()));
  }
}
