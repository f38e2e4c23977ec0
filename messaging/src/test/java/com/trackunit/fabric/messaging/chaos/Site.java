// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.trackunit.fabric.messaging.QueueOptions;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import java.time.Duration;

/** What each queue is called, and how our messaging is set up for a run. */
final class Site {
  /** Quorum, one active consumer in one of two processes, order for each key in lanes. */
  static final String ORDERED = "ordered";

  /** Classic, one lane, full at a few hundred messages. */
  static final String BOUNDED = "ordered-classic";

  /** Quorum, several consumers, attempts that fail. */
  static final String COMPETING = "competing";

  /** Classic; its queue and its exchange are deleted now and then. */
  static final String DELETED = "deleted";

  /** A program that publishes without confirms. */
  static final String NO_CONFIRMS = "without-confirms";

  /** A program that consumes with automatic acks. */
  static final String AUTO_ACK = "auto-ack";

  private static final int NO_MATTER_HOW_OFTEN = 1_000_000;

  private Site() {}

  static Topology topology() {
    Topology.Builder topology = Topology.builder();
    exchange(topology, ORDERED, q -> q.deliveryLimit(NO_MATTER_HOW_OFTEN).singleActiveConsumer());
    exchange(
        topology, BOUNDED, q -> q.classic().singleActiveConsumer().maxLength(400).rejectWhenFull());
    exchange(topology, COMPETING, q -> q.deliveryLimit(NO_MATTER_HOW_OFTEN));
    exchange(topology, NO_CONFIRMS, QueueOptions::classic);
    exchange(topology, AUTO_ACK, QueueOptions::classic);
    return topology.build();
  }

  /** Apart from the others: it is applied again and again. */
  static Topology deletedTopology() {
    Topology.Builder topology = Topology.builder();
    exchange(topology, DELETED, q -> q.classic().recreated());
    return topology.build();
  }

  private static void exchange(
      Topology.Builder topology, String name, java.util.function.Consumer<QueueOptions> options) {
    topology.fanout(name).queue(name, options).bind(name, name);
  }

  /** Impatient, as nothing here is far away. */
  static RabbitSettings settings(RabbitAccess access, String connectionName) {
    return RabbitSettings.builder(access.host(), access.user(), access.password())
        .port(access.port())
        .connectionName(connectionName)
        .openTimeout(Duration.ofMinutes(1))
        .heartbeat(Duration.ofSeconds(1))
        .rpcTimeout(Duration.ofSeconds(5))
        .connectTimeout(Duration.ofSeconds(5))
        .writeTimeout(Duration.ofSeconds(2))
        .build();
  }
}
