// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.bridge.BridgeEngine;
import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.messaging.RabbitMessaging;
import java.time.Duration;

/** Ours, as it comes, but for the window that all arms share. */
final class FabricArm implements AutoCloseable {
  /** The name of the route. */
  static final String ROUTE = "measured";

  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(5);

  private final RabbitMessaging rabbit;
  private final BridgeEngine bridge;

  private FabricArm(Site site, Flow flow, Route route) {
    rabbit = RabbitMessaging.open(site.settings());
    bridge =
        BridgeEngine.builder(flow.id(), rabbit, KafkaSettings.builder(site.kafka()).build())
            .route(route.named(ROUTE).inFlight(flow.cell().window(), Cell.WINDOW_BYTES))
            .build();
    bridge.start();
  }

  static FabricArm atLeastOnce(Site site, Flow flow) {
    return new FabricArm(
        site,
        flow,
        flow.cell().toRabbit()
            ? Route.fromTopic(flow.topic()).toExchange(flow.queue())
            : Route.fromQueue(flow.queue()).toTopic(flow.topic()));
  }

  static FabricArm effectivelyOnce(Site site, Flow flow) {
    return new FabricArm(
        site, flow, Route.fromQueue(flow.queue()).toTopic(flow.topic()).effectivelyOnce());
  }

  @Override
  public void close() {
    bridge.close(CLOSE_BUDGET);
    rabbit.close(CLOSE_BUDGET);
  }
}
