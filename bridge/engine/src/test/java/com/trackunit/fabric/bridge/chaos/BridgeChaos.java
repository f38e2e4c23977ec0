// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.testkit.brokers.FaultProxy;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosJvm;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosProgram;
import com.trackunit.fabric.testkit.brokers.chaos.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The run behind {@code script/chaos bridge}. */
final class BridgeChaos {
  private static final Duration LONG_ENOUGH_FOR_THIRTY_FAULTS = Duration.ofMinutes(3);

  static final ChaosProgram<Load> PROGRAM =
      new ChaosProgram<>("bridge", LONG_ENOUGH_FOR_THIRTY_FAULTS, Load::new, BridgeChaos::faults);

  private BridgeChaos() {}

  /** Runs it and exits: 0 passed, 1 failed, 2 inconclusive, 64 wrong usage. */
  public static void main(String[] arguments) throws Exception {
    System.exit(PROGRAM.command(arguments));
  }

  private static List<Fault> faults(Supplier<Load> load) {
    List<Fault> faults = new ArrayList<>();
    faults.addAll(ofTheBrokers(load));
    faults.addAll(ofTheNetwork(load));
    faults.addAll(ofTheBridge(load));
    faults.addAll(ofPlaces(load));
    return faults;
  }

  private static List<Fault> ofTheBrokers(Supplier<Load> load) {
    Supplier<RabbitMqNode> rabbit = () -> load.get().rabbitNode();
    Supplier<KafkaNode> kafka = () -> load.get().kafka();
    return List.of(
        Fault.lasting(
                "rabbitmq-killed", random -> rabbit.get().kill(), random -> rabbit.get().restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500)),
        Fault.lasting(
                "rabbitmq-frozen", random -> rabbit.get().freeze(), random -> rabbit.get().thaw())
            .lasts(Duration.ofMillis(300), Duration.ofSeconds(1)),
        Fault.lasting(
                "rabbitmq-frozen-past-heartbeat",
                random -> rabbit.get().freeze(),
                random -> rabbit.get().thaw())
            .lasts(Duration.ofSeconds(3), Duration.ofMillis(3_500)),
        Fault.lasting("kafka-killed", random -> kafka.get().kill(), random -> kafka.get().restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500)),
        Fault.lasting("kafka-frozen", random -> kafka.get().freeze(), random -> kafka.get().thaw())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(2_500)),
        Fault.lasting(
                "memory-alarm",
                random -> rabbit.get().memoryAlarm(true),
                random -> rabbit.get().memoryAlarm(false))
            .lasts(Duration.ZERO, Duration.ofSeconds(1)));
  }

  private static List<Fault> ofTheNetwork(Supplier<Load> load) {
    return List.of(
        Fault.momentary("connections-cut", random -> load.get().proxy().cut()).weight(2),
        Fault.lasting(
                "connections-reset",
                random -> load.get().proxy().resetAfter(random.nextInt(20_000)),
                random -> load.get().proxy().heal())
            .lasts(Duration.ofMillis(300), Duration.ofMillis(800)),
        Fault.lasting(
                "half-open",
                random -> load.get().proxy().halfOpen(),
                random -> load.get().proxy().heal())
            .lasts(Duration.ofSeconds(3), Duration.ofMillis(3_500)),
        Fault.momentary("kafka-connections-cut", random -> load.get().kafkaProxy().cut()),
        Fault.lasting(
                "kafka-half-open",
                random -> load.get().kafkaProxy().halfOpen(),
                random -> forgetAndHeal(load.get().kafkaProxy()))
            .lasts(Duration.ofSeconds(1), Duration.ofMillis(3_500)),
        Fault.momentary(
            "closed-by-operator", random -> load.get().rabbitNode().closeConnections("chaos")));
  }

  /** What was on its way is gone: the network is back, the connections are not. */
  private static void forgetAndHeal(FaultProxy proxy) {
    proxy.cut();
    proxy.heal();
  }

  private static List<Fault> ofTheBridge(Supplier<Load> load) {
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
            .lasts(Duration.ofMillis(500), Duration.ofSeconds(4)),
        Fault.lasting(
                "rebalance",
                random -> bridge(load, random).stop(),
                random -> bridge(load, random).restart())
            .lasts(Duration.ZERO, Duration.ofMillis(500)),
        Fault.lasting(
                "naive-bridge-killed",
                random -> load.get().naive().kill(),
                random -> load.get().naive().restart())
            .lasts(Duration.ZERO, Duration.ofMillis(200)));
  }

  private static ChaosJvm bridge(Supplier<Load> load, RandomGenerator random) {
    return load.get().bridges().get(random.nextInt(load.get().bridges().size()));
  }

  private static List<Fault> ofPlaces(Supplier<Load> load) {
    return List.of(
        Fault.lasting(
                "source-queue-deleted",
                random -> load.get().places().deleteSourceQueue(),
                random -> load.get().places().declareSourceQueue())
            .lasts(Duration.ofMillis(200), Duration.ofMillis(800)),
        Fault.momentary("target-topic-deleted", random -> load.get().places().deleteTargetTopic()),
        Fault.lasting(
                "target-queue-deleted",
                random -> load.get().places().deleteTargetQueue(),
                random -> load.get().places().declareTargetQueue())
            .lasts(Duration.ofMillis(100), Duration.ofMillis(500)),
        Fault.momentary("source-topic-deleted", random -> load.get().places().deleteSourceTopic()));
  }
}
