// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.trackunit.fabric.bridge.BridgeEngine;
import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.bridge.RouteStatus;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.chaos.Arm;
import com.trackunit.fabric.testkit.brokers.chaos.Arm.Promise;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosLoad;
import com.trackunit.fabric.testkit.brokers.chaos.LedgerProducer;
import com.trackunit.fabric.testkit.brokers.chaos.NumberedMessage;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import com.trackunit.fabric.testkit.brokers.chaos.Told;
import com.trackunit.fabric.testkit.kubernetes.ApiServerStandIn;
import com.trackunit.fabric.testkit.kubernetes.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Through one forward to a real RabbitMQ: a bridge from a real Kafka, and a program that publishes
 * without confirms on the same stable address, as many do beside a hand-kept kubectl.
 */
final class PortForwardChaosLoad extends ChaosLoad {
  private static final int PARTITIONS = 4;
  private static final int BODY_BYTES = 200;

  private final Arm bridged = Arm.of("bridged", Promise.IN_ORDER);
  private final Arm naive = Arm.of("without-confirms", Promise.NONE);

  private final StandInCluster cluster;
  private final RabbitMqNode rabbit;
  private final RabbitAccess access;
  private final LedgerProducer producer;
  private final BridgeEngine bridge;
  private Pod pod;
  private @Nullable Pod outgoing;
  private int pods;

  /** Starts all of it; each arm sends so many messages a second. */
  PortForwardChaosLoad(int perSecond) throws Exception {
    this.cluster = open(new StandInCluster());
    KafkaNode kafka = open(KafkaNode.start());
    this.rabbit = open(RabbitMqNode.start());
    this.access = RabbitAccess.to(rabbit);
    this.pod = newPod();
    kafka.createTopic(bridged.name(), PARTITIONS, Map.of());
    Connection direct = access.rawClient().newConnection("ledger");
    open(direct::abort);
    for (Arm arm : arms()) {
      read(direct.createChannel(), arm);
    }
    ServicePortForward forward = open(cluster.forward().open());
    RabbitMessaging messaging =
        open(
            RabbitMessaging.open(
                RabbitSettings.builder(forward::address, rabbit.user(), rabbit.password())
                    .openTimeout(Duration.ofMinutes(1))
                    .heartbeat(Duration.ofSeconds(2))
                    .build()));
    this.bridge =
        open(
            BridgeEngine.builder(
                    "chaos", messaging, KafkaSettings.builder(kafka.bootstrapServers()).build())
                .route(Route.fromTopic(bridged.name()).toExchange(bridged.name()))
                .build());
    bridge.start();
    this.producer = open(new LedgerProducer(kafka.bootstrapServers()));
    send(bridged, perSecond, message -> producer.send(bridged, message));
    startNaive(forward.address(), perSecond);
  }

  private void startNaive(InetSocketAddress forwarded, int perSecond) throws Exception {
    RabbitAccess through =
        new RabbitAccess(
            forwarded.getHostString(), forwarded.getPort(), rabbit.user(), rabbit.password());
    Connection connection = through.rawClient().newConnection("naive");
    open(connection::abort);
    Channel channel = connection.createChannel();
    send(naive, perSecond, message -> publishNaively(channel, message));
  }

  /** The usual mistake: what basicPublish took without an error is taken for published. */
  private void publishNaively(Channel channel, NumberedMessage message) {
    try {
      channel.basicPublish(
          naive.name(),
          message.key(),
          MessageProperties.PERSISTENT_BASIC,
          message.body(BODY_BYTES));
      naive.ledger().outcome(message.id(), Outcome.CONFIRMED);
    } catch (IOException | AlreadyClosedException e) {
      // It at least knows that it does not know.
      naive.ledger().outcome(message.id(), Outcome.UNKNOWN);
    }
  }

  /** Straight from the broker: the way out is not what is tested. */
  private static void read(Channel channel, Arm arm) throws IOException {
    channel.exchangeDeclare(arm.name(), "fanout", true);
    channel.queueDeclare(arm.name(), true, false, false, Map.of("x-queue-type", "quorum"));
    channel.queueBind(arm.name(), arm.name(), "");
    String unused =
        channel.basicConsume(
            arm.name(),
            true,
            (tag, message) -> NumberedMessage.seen(arm.ledger(), message.getBody()),
            tag -> {});
  }

  @Override
  public List<Arm> arms() {
    return List.of(bridged, naive);
  }

  ApiServerStandIn api() {
    return cluster.api;
  }

  /** The one that serves, or the last one. */
  Pod pod() {
    return pod;
  }

  /** Another one in the place of the last one. */
  void startPod() {
    pod = newPod();
  }

  /** As a rolling update does: the new one is there before the old one is asked to go. */
  void roll() {
    outgoing = pod;
    pod = newPod();
    outgoing.terminate();
  }

  void rolled() {
    if (outgoing != null) {
      outgoing.delete();
    }
  }

  private Pod newPod() {
    InetSocketAddress broker = new InetSocketAddress(rabbit.host(), rabbit.port());
    return cluster.pod("rabbitmq-" + pods++, broker).ready(true);
  }

  @Override
  public void stopSending() {
    stopSenders();
    producer.flush();
  }

  @Override
  public boolean isDrained() {
    return access.areEmpty(arms().stream().map(Arm::name).toList());
  }

  @Override
  public Told told(Arm arm) {
    return new Told(bridge.status().stream().mapToLong(RouteStatus::overtaken).sum(), 0);
  }
}
