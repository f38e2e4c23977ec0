// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.bridge.BridgeEngine;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Duration;
import java.util.List;

/**
 * The engine with its routes, and the connection it publishes on.
 *
 * <p>It declares the exchanges it is told to, not the queues: those belong to their consumers.
 * Until the orchestrator has declared its own, records are returned, and the engine keeps them in
 * Kafka and tries again.
 */
final class MessagingBridge implements BackgroundService.Work {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(6);
  private static final Duration CONNECTION_CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final RabbitMessaging rabbit;
  private final BridgeEngine engine;

  private MessagingBridge(RabbitMessaging rabbit, BridgeEngine engine) {
    this.rabbit = rabbit;
    this.engine = engine;
  }

  /** Connects to RabbitMQ and starts the routes, which wait for Kafka. The caller closes it. */
  static MessagingBridge open(BridgeConfiguration configuration) {
    RabbitMessaging rabbit = RabbitMessaging.open(configuration.rabbit());
    try {
      Topology.Builder exchanges = Topology.builder();
      configuration.fanouts().forEach(exchanges::fanout);
      rabbit.apply(exchanges.build());
      BridgeEngine.Builder engine =
          BridgeEngine.builder(configuration.name(), rabbit, configuration.kafka());
      configuration.routes().forEach(engine::route);
      BridgeEngine started = engine.build();
      started.start();
      return new MessagingBridge(rabbit, started);
    } catch (RuntimeException e) {
      rabbit.close();
      throw e;
    }
  }

  @Override
  public Health health() {
    return Health.of(Wire.Services.MESSAGING_BRIDGE, List.of(rabbit.health(), engine.health()));
  }

  /** The engine first: it still needs confirms for what is in flight. */
  @Override
  public void close() {
    engine.close(CLOSE_TIMEOUT);
    rabbit.close(CONNECTION_CLOSE_TIMEOUT);
  }
}
