// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.trackunit.fabric.testkit.brokers.FaultProxy;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosJvm;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosProgram;
import com.trackunit.fabric.testkit.brokers.chaos.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The run behind {@code script/chaos messaging}. */
final class MessagingChaos {
  private static final Duration LONG_ENOUGH_FOR_TWENTY_FAULTS = Duration.ofMinutes(2);

  static final ChaosProgram<Load> PROGRAM =
      new ChaosProgram<>(
          "messaging", LONG_ENOUGH_FOR_TWENTY_FAULTS, Load::new, MessagingChaos::faults);

  private MessagingChaos() {}

  /** Runs it and exits: 0 passed, 1 failed, 2 inconclusive, 64 wrong usage. */
  public static void main(String[] arguments) throws Exception {
    System.exit(PROGRAM.command(arguments));
  }

  private static List<Fault> faults(Supplier<Load> load) {
    List<Fault> faults = new ArrayList<>();
    faults.addAll(ofTheBroker(load));
    faults.addAll(ofTheNetwork(load));
    faults.addAll(ofConsumersAndQueues(load));
    return faults;
  }

  private static List<Fault> ofTheBroker(Supplier<Load> load) {
    Supplier<RabbitMqNode> node = () -> load.get().node();
    return List.of(
        Fault.lasting("broker-killed", random -> node.get().kill(), random -> node.get().restart())
            .lasts(Duration.ZERO, Duration.ofSeconds(1)),
        Fault.lasting("broker-frozen", random -> node.get().freeze(), random -> node.get().thaw())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(1500)),
        Fault.lasting(
                "broker-frozen-past-heartbeat",
                random -> node.get().freeze(),
                random -> node.get().thaw())
            .lasts(Duration.ofMillis(3500), Duration.ofMillis(4500)),
        Fault.lasting(
                "memory-alarm",
                random -> node.get().memoryAlarm(true),
                random -> node.get().memoryAlarm(false))
            .lasts(Duration.ZERO, Duration.ofSeconds(1)),
        Fault.lasting(
                "disk-alarm",
                random -> node.get().diskAlarm(true),
                random -> node.get().diskAlarm(false))
            .lasts(Duration.ZERO, Duration.ofSeconds(1)),
        Fault.momentary("closed-by-operator", random -> node.get().closeConnections("chaos")));
  }

  private static List<Fault> ofTheNetwork(Supplier<Load> load) {
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

  private static FaultProxy any(Supplier<Load> load, RandomGenerator random) {
    return random.nextBoolean() ? load.get().proxy() : load.get().processProxy();
  }

  private static void halfOpen(Supplier<Load> load, RandomGenerator random) {
    load.get().proxy().halfOpen();
    if (random.nextBoolean()) {
      load.get().processProxy().halfOpen();
    }
  }

  private static void heal(Supplier<Load> load) {
    load.get().proxy().heal();
    load.get().processProxy().heal();
  }

  private static List<Fault> ofConsumersAndQueues(Supplier<Load> load) {
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
        Fault.lasting(
                "consumer-timeout",
                random -> load.get().stall(true),
                random -> load.get().stall(false))
            .lasts(Duration.ofMillis(4000), Duration.ofMillis(4500)),
        Fault.lasting(
                "queue-full",
                random -> load.get().boundedConsumer().pause(),
                random -> load.get().boundedConsumer().resume())
            .lasts(Duration.ofMillis(2500), Duration.ofMillis(3000)),
        Fault.momentary("queue-deleted", random -> load.get().deleteQueue()),
        Fault.lasting(
                "exchange-deleted",
                random -> load.get().deleteExchange(),
                random -> load.get().declareAgain())
            .lasts(Duration.ofMillis(100), Duration.ofMillis(500)));
  }

  private static ChaosJvm process(Supplier<Load> load, RandomGenerator random) {
    return load.get().processes().get(random.nextInt(load.get().processes().size()));
  }
}
