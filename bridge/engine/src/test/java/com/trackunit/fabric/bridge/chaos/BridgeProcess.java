// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.bridge.BridgeEngine;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.bridge.RouteCounter;
import com.trackunit.fabric.bridge.RouteStatus;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.chaos.CountFile;
import com.trackunit.fabric.testkit.brokers.chaos.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Our bridge, as the program of a JVM of its own, to be killed and frozen. */
final class BridgeProcess {
  private static final long COUNTS_EVERY_MILLIS = 250;

  private BridgeProcess() {}

  /** Runs until it is killed or told to leave. */
  public static void main(String[] arguments) throws InterruptedException {
    Site site = Site.ofEnvironment();
    CountFile counts = new CountFile(Path.of(arguments[1]));
    RabbitMessaging rabbit = RabbitMessaging.open(site.settings(arguments[0]));
    BridgeEngine bridge =
        BridgeEngine.builder(Site.BRIDGE, rabbit, site.kafkaSettings())
            .route(Route.fromTopic(Site.DOWN).toExchange(Site.DOWN))
            .route(Route.fromQueue(Site.UP).toTopic(Site.UP))
            .route(Route.fromQueue(Site.ONCE).toTopic(Site.ONCE).effectivelyOnce())
            .build();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  bridge.close(Duration.ofSeconds(3));
                  rabbit.close(Duration.ofSeconds(1));
                  counts.write(countsOf(bridge));
                }));
    bridge.start();
    while (!Thread.currentThread().isInterrupted()) { // until it is told to leave
      Thread.sleep(COUNTS_EVERY_MILLIS);
      counts.write(countsOf(bridge));
    }
  }

  private static Map<String, Long> countsOf(BridgeEngine bridge) {
    Map<String, Long> counts = new HashMap<>();
    for (RouteStatus status : bridge.status()) {
      String way = status.route().target(); // every target has its way's name
      counts.put(way + "." + RouteCounter.OVERTAKEN, status.count(RouteCounter.OVERTAKEN));
      counts.put(way + "." + RouteCounter.BEYOND_LEDGER, status.count(RouteCounter.BEYOND_LEDGER));
    }
    return counts;
  }

  /** What all lives of all bridges have counted on a way. */
  static Told told(Path folder, String way) {
    return new Told(
        CountFile.sum(folder, way + "." + RouteCounter.OVERTAKEN),
        CountFile.sum(folder, way + "." + RouteCounter.BEYOND_LEDGER));
  }
}
