// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two private brokers, two instances of the bridge and a naive one in processes of their own, with
 * senders and readers on both sides in this process.
 */
final class Load implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Load.class);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final Arm down = Arm.of(Site.DOWN, Promise.IN_ORDER).allowingStale();
  final Arm up = Arm.of(Site.UP, Promise.IN_ORDER).allowingStale();
  final Arm once = Arm.of(Site.ONCE, Promise.EXACTLY_ONCE);
  final Arm naiveDown = Arm.of(Site.NAIVE_DOWN, Promise.NONE);
  final Arm naiveUp = Arm.of(Site.NAIVE_UP, Promise.NONE);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final List<Sender> senders = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<BridgeProcess> bridges = new ArrayList<>();
  private final KafkaNode kafka;
  private final RabbitMqNode rabbitNode;
  private final FaultProxy proxy;
  private final BridgeProcess naive;
  private final RabbitMessaging rabbit;
  private final KafkaProducer<String, byte[]> producer;
  private TopicReader upReader;

  /** Starts all of it; each arm sends so many messages a second. */
  Load(Path folder, int perSecond) throws Exception {
    this.kafka = open(KafkaNode.start());
    this.rabbitNode = open(RabbitMqNode.start());
    this.proxy = open(FaultProxy.before(rabbitNode.host(), rabbitNode.port()));
    this.rabbit = RabbitMessaging.open(straight().settings("chaos"));
    open(() -> rabbit.close(Duration.ofSeconds(5)));
    for (Arm arm : arms()) {
      kafka.createTopic(arm.name(), Site.PARTITIONS, Map.of());
      Site.declare(rabbit, arm.name());
    }
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "acks",
                "all",
                "reconnect.backoff.max.ms",
                1_000,
                "linger.ms",
                2),
            new StringSerializer(),
            new ByteArraySerializer());
    open(() -> producer.close(Duration.ofSeconds(10)));
    Site throughProxy =
        new Site(
            proxy.host(),
            proxy.port(),
            rabbitNode.user(),
            rabbitNode.password(),
            kafka.bootstrapServers());
    for (int i = 1; i <= 2; i++) {
      bridges.add(
          open(new BridgeProcess("bridge-" + i, BridgeProcess.class, throughProxy, folder)));
    }
    this.naive = open(new BridgeProcess("naive", NaiveBridge.class, throughProxy, folder));
    open(new TopicReader(kafka.bootstrapServers(), Site.ONCE, once.ledger()));
    open(new TopicReader(kafka.bootstrapServers(), Site.NAIVE_UP, naiveUp.ledger()));
    this.upReader = new TopicReader(kafka.bootstrapServers(), Site.UP, up.ledger());
    open(() -> upReader.close());
    for (Arm arm : List.of(down, naiveDown)) {
      var unused =
          rabbit
              .consumer(arm.name())
              .prefetch(200)
              .start(
                  delivery -> {
                    Sender.seen(arm.ledger(), delivery.body());
                    var unusedResult = delivery.ack();
                  });
    }
    startSenders(perSecond);
  }

  private Site straight() {
    return new Site(
        rabbitNode.host(),
        rabbitNode.port(),
        rabbitNode.user(),
        rabbitNode.password(),
        kafka.bootstrapServers());
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  List<Arm> arms() {
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

  List<BridgeProcess> bridges() {
    return bridges;
  }

  BridgeProcess naive() {
    return naive;
  }

  private void startSenders(int perSecond) {
    for (Arm arm : List.of(down, naiveDown)) {
      senders.add(
          new Sender(
              arm.name(), arm.ledger(), perSecond, (id, key, body) -> toKafka(arm, id, key, body)));
    }
    for (Arm arm : List.of(up, once, naiveUp)) {
      Publisher publisher = rabbit.publisher(arm.name()).inFlight(200).timeout(PATIENCE).build();
      publishers.add(publisher);
      senders.add(
          new Sender(
              arm.name(),
              arm.ledger(),
              perSecond,
              (id, key, body) -> toRabbit(publisher, arm.ledger(), id, key, body)));
    }
  }

  private void toKafka(Arm arm, String id, String key, byte[] body) {
    var unused =
        producer.send(
            new ProducerRecord<>(arm.name(), key, body),
            (metadata, failure) ->
                arm.ledger().outcome(id, failure == null ? Outcome.CONFIRMED : Outcome.UNKNOWN));
  }

  private static void toRabbit(
      Publisher publisher, Ledger ledger, String id, String key, byte[] body) {
    var unused =
        publisher
            .publish(Message.of(body).messageId(id).routingKey(key))
            .whenComplete(
                (outcome, failure) -> {
                  if (outcome != null) {
                    ledger.outcome(id, of(outcome));
                  } else if (failure instanceof NotPublishedException) {
                    ledger.outcome(id, Outcome.NOT_SENT);
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

  /** Deletes the queue of a route and makes it again: what was in it is gone. */
  void deleteQueue() throws Exception {
    onChannel(channel -> channel.queueDelete(Site.UP));
    Site.declare(rabbit, Site.UP);
    up.ledger().deleted(key -> true);
  }

  /** Deletes the topic that a route goes to and makes it again. */
  void deleteTopic() throws Exception {
    upReader.close();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.deleteTopics(List.of(Site.UP)).all().get(30, TimeUnit.SECONDS);
      while (admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(Site.UP)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
    kafka.createTopic(Site.UP, Site.PARTITIONS, Map.of());
    up.ledger().deleted(key -> true);
    upReader = new TopicReader(kafka.bootstrapServers(), Site.UP, up.ledger());
  }

  /** Stops the senders; on return each message has its outcome. */
  void stopSending() {
    senders.forEach(Sender::stop);
    publishers.forEach(publisher -> publisher.close(Duration.ofSeconds(30)));
    producer.flush();
  }

  /** Whether no queue holds a message but those of the naive bridge, which may have left its. */
  boolean isEmpty() {
    try {
      long[] messages = new long[1];
      onChannel(
          channel -> {
            for (Arm arm : List.of(down, up, once)) {
              messages[0] += channel.messageCount(arm.name());
            }
          });
      return messages[0] == 0;
    } catch (Exception e) {
      return false;
    }
  }

  @FunctionalInterface
  private interface Work {
    void on(Channel channel) throws IOException;
  }

  /** As an operator: straight to the broker, on a connection of its own. */
  private void onChannel(Work work) throws Exception {
    Connection connection = straight().rawClient().newConnection("operator");
    try {
      work.on(connection.createChannel());
    } finally {
      connection.abort();
    }
  }

  @Override
  public void close() {
    senders.forEach(Sender::stop);
    for (AutoCloseable part : opened) {
      try {
        part.close();
      } catch (Exception e) {
        log.error("{} could not be closed; the others are", part, e);
      }
    }
  }
}
