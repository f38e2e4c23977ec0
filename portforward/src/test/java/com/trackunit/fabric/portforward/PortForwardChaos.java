// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.testkit.brokers.chaos.ChaosProgram;
import com.trackunit.fabric.testkit.brokers.chaos.Fault;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** The run behind {@code script/chaos portforward}: the pod is replaced again and again. */
final class PortForwardChaos {
  private static final Duration LONG_ENOUGH_FOR_TWENTY_FAULTS = Duration.ofMinutes(2);
  private static final Duration A_MOMENT = Duration.ofMillis(300);
  private static final Duration WITHOUT_A_POD = Duration.ofSeconds(1);

  static final ChaosProgram<PortForwardChaosLoad> PROGRAM =
      new ChaosProgram<>(
          "portforward",
          LONG_ENOUGH_FOR_TWENTY_FAULTS,
          (folder, perSecond) -> new PortForwardChaosLoad(perSecond),
          PortForwardChaos::faults);

  private PortForwardChaos() {}

  /** Runs it and exits: 0 passed, 1 failed, 2 inconclusive, 64 wrong usage. */
  public static void main(String[] arguments) throws Exception {
    System.exit(PROGRAM.command(arguments));
  }

  private static List<Fault> faults(Supplier<PortForwardChaosLoad> load) {
    return List.of(
        Fault.lasting(
                "pod-killed", random -> load.get().pod().delete(), random -> load.get().startPod())
            .lasts(Duration.ZERO, WITHOUT_A_POD)
            .weight(2),
        Fault.lasting(
                "pod-terminated",
                random -> load.get().pod().terminate(),
                random -> {
                  load.get().pod().delete();
                  load.get().startPod();
                })
            .lasts(Duration.ZERO, A_MOMENT),
        Fault.lasting("pod-rolled", random -> load.get().roll(), random -> load.get().rolled())
            .lasts(Duration.ZERO, A_MOMENT),
        Fault.lasting(
                "node-died", // the links first, then the object
                random -> {
                  load.get().api().resetConnections();
                  load.get().pod().delete();
                },
                random -> load.get().startPod())
            .lasts(Duration.ZERO, WITHOUT_A_POD),
        Fault.momentary("links-reset", random -> load.get().api().resetConnections()).weight(2));
  }
}
