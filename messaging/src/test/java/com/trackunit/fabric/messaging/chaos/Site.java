// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.QueueOptions;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** How a process of the run reaches the broker, and what each queue is called. */
record Site(String host, int port, String user, Secret password) {
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

  /** Where a process finds the broker is no secret, but who may enter is: all by environment. */
  Map<String, String> environment() {
    return Map.of(
        "CHAOS_HOST",
        host,
        "CHAOS_PORT",
        String.valueOf(port),
        "CHAOS_USER",
        user,
        "CHAOS_PASSWORD",
        password.reveal());
  }

  static Site ofEnvironment() {
    Map<String, String> environment = System.getenv();
    return new Site(
        Objects.requireNonNull(environment.get("CHAOS_HOST")),
        Integer.parseInt(Objects.requireNonNull(environment.get("CHAOS_PORT"))),
        Objects.requireNonNull(environment.get("CHAOS_USER")),
        Secret.of(Objects.requireNonNull(environment.get("CHAOS_PASSWORD"))));
  }

  RabbitSettings settings(String connectionName) {
    return RabbitSettings.builder(host, user, password)
        .port(port)
        .connectionName(connectionName)
        .openTimeout(Duration.ofMinutes(1))
        .heartbeat(Duration.ofSeconds(1))
        .rpcTimeout(Duration.ofSeconds(5))
        .connectTimeout(Duration.ofSeconds(5))
        .writeTimeout(Duration.ofSeconds(2))
        .build();
  }

  /** What a program without our messaging uses, as it is commonly set up. */
  ConnectionFactory rawClient() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setUsername(user);
    factory.setPassword(password.reveal());
    factory.setRequestedHeartbeat(1);
    factory.setNetworkRecoveryInterval(500);
    factory.setExceptionHandler(
        new ForgivingExceptionHandler() {
          @Override
          protected void log(String message, Throwable e) {
            // Broken connections are what the run is about.
          }
        });
    return factory;
  }
}
