// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** All of one replica that lives on RabbitMQ: events in, commands out, the owner log both ways. */
final class RabbitLink implements HealthSource, AutoCloseable {
  private static final int OWNERS_KNOWN = 200_000;

  private final RabbitMessaging rabbit;
  private final Owners owners;
  private final OwnerLog ownerLog;
  private final Publisher commands;
  private final EventFeed feed;
  private final EventConsumer events;

  private RabbitLink(RabbitMessaging rabbit, String instanceName, EventHub hub) {
    this.rabbit = rabbit;
    this.owners = new Owners(OWNERS_KNOWN, OwnerLog.MAX_AGE, Clock.systemUTC());
    this.ownerLog = new OwnerLog(rabbit, owners);
    this.commands =
        rabbit.publisher(Wire.Exchanges.ANALYSIS_COMMANDS).timeout(Duration.ofSeconds(10)).build();
    this.feed = new EventFeed(owners, hub, EventFeed.Patience.DEFAULT, Ticker.system());
    this.events = new EventConsumer(rabbit, instanceName, feed);
  }

  /**
   * Connects, declares what this replica needs, and begins to read. Blocks.
   *
   * @param access where RabbitMQ is
   * @param instanceName names the replica's own queue
   * @param hub gets the events
   * @throws FabricException if RabbitMQ is away or refuses us
   */
  static RabbitLink open(RabbitAccess access, String instanceName, EventHub hub) {
    RabbitMessaging rabbit =
        RabbitMessaging.open(
            RabbitSettings.builder(access.host(), access.user(), access.password())
                .port(access.port())
                .virtualHost(access.vhost())
                .connectionName("graph-gateway." + instanceName)
                .build());
    try {
      Topology.Builder topology = Topology.builder().direct(Wire.Exchanges.ANALYSIS_COMMANDS);
      OwnerLog.declareIn(topology);
      EventConsumer.declareIn(topology, instanceName);
      rabbit.apply(topology.build());
      return new RabbitLink(rabbit, instanceName, hub);
    } catch (RuntimeException e) {
      rabbit.close();
      throw e;
    }
  }

  Owners owners() {
    return owners;
  }

  OwnerLog ownerLog() {
    return ownerLog;
  }

  Publisher commands() {
    return commands;
  }

  @Override
  public Health health() {
    return Health.of("messaging", List.of(rabbit.health(), events.health(), ownerLog.health()));
  }

  @Override
  public void close() {
    // First what feeds, then what is fed; the connections end what is left.
    try (rabbit;
        ownerLog;
        feed;
        events) {
      commands.close();
    }
  }
}
