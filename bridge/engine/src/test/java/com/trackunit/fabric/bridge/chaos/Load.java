// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.NotPublishedException;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.FaultProxy;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.chaos.Arm;
import com.trackunit.fabric.testkit.brokers.chaos.Arm.Promise;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosJvm;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosLoad;
import com.trackunit.fabric.testkit.brokers.chaos.LedgerProducer;
import com.trackunit.fabric.testkit.brokers.chaos.NumberedMessage;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import com.trackunit.fabric.testkit.brokers.chaos.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two private brokers, each behind a proxy, two instances of the bridge and a naive one in
 * processes of their own, with senders and readers on both sides in this process.
 */
final class Load extends ChaosLoad {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final Arm down = Arm.of(Site.DOWN, Promise.IN_ORDER).allowingStale();
  final Arm up = Arm.of(Site.UP, Promise.IN_ORDER).allowingStale();
  final Arm once = Arm.of(Site.ONCE, Promise.EXACTLY_ONCE);
  final Arm naiveDown = Arm.of(Site.NAIVE_DOWN, Promise.NONE);
  final Arm naiveUp = Arm.of(Site.NAIVE_UP, Promise.NONE);

  private final List<Publisher> publishers = new ArrayList<>();
  private final List<ChaosJvm> bridges = new ArrayList<>();
  private final Path folder;
  private final KafkaNode kafka;
  private final FaultProxy kafkaProxy;
  private final RabbitMqNode rabbitNode;
  private final FaultProxy proxy;
  private final RabbitAccess access;
  private final ChaosJvm naive;
  private final RabbitMessaging rabbit;
  private final LedgerProducer producer;
  private final Places places;

  /** Starts all of it; each arm sends so many messages a second. */
  Load(Path folder, int perSecond) throws Exception {
    this.folder = folder;
    List<FaultProxy> beforeKafka = new ArrayList<>();
    this.kafka =
        open(
            KafkaNode.builder()
                .advertisedAt(
                    port -> {
                      beforeKafka.add(open(FaultProxy.before("127.0.0.1", port)));
                      return beforeKafka.get(0).port();
                    })
                .start());
    this.kafkaProxy = beforeKafka.get(0);
    this.rabbitNode = open(RabbitMqNode.start());
    this.proxy = open(FaultProxy.before(rabbitNode.host(), rabbitNode.port()));
    this.access = RabbitAccess.to(rabbitNode);
    Site straight = new Site(access, kafka.bootstrapServers());
    this.rabbit = RabbitMessaging.open(straight.settings("chaos"));
    open(() -> rabbit.close(Duration.ofSeconds(5)));
    for (Arm arm : arms()) {
      kafka.createTopic(arm.name(), Site.PARTITIONS, Map.of());
      Site.declare(rabbit, arm.name());
    }
    this.producer = open(new LedgerProducer(kafka.bootstrapServers()));
    Map<String, String> environment =
        new Site(access.through(proxy), kafka.bootstrapServers()).environment();
    for (int i = 1; i <= 2; i++) {
      bridges.add(open(new ChaosJvm("bridge-" + i, BridgeProcess.class, environment, folder)));
    }
    this.naive = open(new ChaosJvm("naive", NaiveBridge.class, environment, folder));
    open(new TopicReader(kafka.bootstrapServers(), Site.ONCE, once.ledger()));
    open(new TopicReader(kafka.bootstrapServers(), Site.NAIVE_UP, naiveUp.ledger()));
    this.places = open(new Places(kafka, rabbit, access, up.ledger(), down.ledger()));
    startReaders();
    startSenders(perSecond);
  }

  @Override
  public List<Arm> arms() {
    return List.of(down, up, once, naiveDown, naiveUp);
  }

  KafkaNode kafka() {
    return kafka;
  }

  RabbitMqNode rabbitNode() {
    return rabbitNode;
  }

  /** Between the bridges and RabbitMQ. */
  FaultProxy proxy() {
    return proxy;
  }

  /** Between everybody and Kafka. */
  FaultProxy kafkaProxy() {
    return kafkaProxy;
  }

  List<ChaosJvm> bridges() {
    return bridges;
  }

  ChaosJvm naive() {
    return naive;
  }

  /** Queues and topics, to be deleted and made again. */
  Places places() {
    return places;
  }

  private void startReaders() {
    for (Arm arm : List.of(down, naiveDown)) {
      var unused =
          rabbit
              .consumer(arm.name())
              .prefetch(200)
              .start(
                  delivery -> {
                    NumberedMessage.seen(arm.ledger(), delivery.body());
                    var unusedResult = delivery.ack();
                  });
    }
  }

  private void startSenders(int perSecond) {
    for (Arm arm : List.of(down, naiveDown)) {
      send(arm, perSecond, message -> producer.send(arm, message));
    }
    for (Arm arm : List.of(up, once, naiveUp)) {
      Publisher publisher = rabbit.publisher(arm.name()).inFlight(200).timeout(PATIENCE).build();
      publishers.add(publisher);
      send(arm, perSecond, message -> publish(publisher, arm.ledger(), message));
    }
  }

  private static void publish(Publisher publisher, Ledger ledger, NumberedMessage numbered) {
    Message message =
        Message.of(numbered.body(0)).messageId(numbered.id()).routingKey(numbered.key());
    var unused =
        publisher
            .publish(message)
            .whenComplete(
                (outcome, failure) -> {
                  if (outcome != null) {
                    ledger.outcome(numbered.id(), of(outcome));
                  } else if (failure instanceof NotPublishedException) {
                    ledger.outcome(numbered.id(), Outcome.NOT_SENT);
                  }
                });
  }

  private static Outcome of(PublishOutcome outcome) {
    if (outcome.isConfirmed()) {
      return Outcome.CONFIRMED;
    }
    if (outcome instanceof PublishOutcome.Returned) {
      return Outcome.RETURNED;
    }
    return outcome instanceof PublishOutcome.Rejected ? Outcome.REJECTED : Outcome.UNKNOWN;
  }

  @Override
  public void stopSending() {
    stopSenders();
    publishers.forEach(publisher -> publisher.close(Duration.ofSeconds(30)));
    producer.flush();
  }

  /** Whether no queue holds a message but those of the naive bridge, which may have left its. */
  @Override
  public boolean isDrained() {
    return access.areEmpty(List.of(Site.DOWN, Site.UP, Site.ONCE));
  }

  @Override
  public Told told(Arm arm) {
    return BridgeProcess.told(folder, arm.name());
  }
}
