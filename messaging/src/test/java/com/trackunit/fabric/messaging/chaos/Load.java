// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.trackunit.fabric.messaging.Consumer;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.NotPublishedException;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RetryPolicy;
import com.trackunit.fabric.testkit.brokers.FaultProxy;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.chaos.Arm;
import com.trackunit.fabric.testkit.brokers.chaos.Arm.Promise;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosJvm;
import com.trackunit.fabric.testkit.brokers.chaos.ChaosLoad;
import com.trackunit.fabric.testkit.brokers.chaos.NumberedMessage;
import com.trackunit.fabric.testkit.brokers.chaos.RabbitAccess;
import com.trackunit.fabric.testkit.brokers.chaos.SightingFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A private broker behind two proxies, publishers and consumers of every kind in this process, and
 * two processes of consumers.
 */
final class Load extends ChaosLoad {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int BODY_BYTES = 200;

  final Arm ordered = Arm.of(Site.ORDERED, Promise.IN_ORDER).allowingStale();
  final Arm bounded = Arm.of(Site.BOUNDED, Promise.IN_ORDER);
  final Arm competing = Arm.of(Site.COMPETING, Promise.AT_LEAST_ONCE);
  final Arm deleted = Arm.of(Site.DELETED, Promise.AT_LEAST_ONCE);
  final Arm noConfirms = Arm.of(Site.NO_CONFIRMS, Promise.NONE);
  final Arm autoAck = Arm.of(Site.AUTO_ACK, Promise.NONE);

  private final List<Publisher> publishers = new ArrayList<>();
  private final List<ChaosJvm> processes = new ArrayList<>();
  private final AtomicReference<@Nullable CountDownLatch> stall = new AtomicReference<>();
  private final RabbitMqNode node;
  private final FaultProxy proxy;
  private final FaultProxy processProxy;
  private final RabbitAccess access;
  private final RabbitMessaging rabbit;
  private final Consumer boundedConsumer;

  /** Starts all of it; each arm sends so many messages a second. */
  Load(Path folder, int perSecond) throws Exception {
    this.node =
        open(
            RabbitMqNode.builder()
                .setting("consumer_timeout", "3000")
                .advancedConfig("[{rabbit, [{channel_tick_interval, 500}]}].")
                .start());
    this.proxy = open(FaultProxy.before(node.host(), node.port()));
    this.processProxy = open(FaultProxy.before(node.host(), node.port()));
    this.access = RabbitAccess.to(node);
    this.rabbit = RabbitMessaging.open(Site.settings(access.through(proxy), "chaos"));
    open(() -> rabbit.close(Duration.ofSeconds(5)));
    rabbit.apply(Site.topology());
    rabbit.apply(Site.deletedTopology());
    for (Arm arm : List.of(ordered, competing, autoAck)) {
      open(new SightingFile.Reader(ConsumerProcess.sightings(folder, arm.name()), arm.ledger()));
    }
    for (int i = 1; i <= 2; i++) {
      processes.add(
          open(
              new ChaosJvm(
                  "consumer-" + i,
                  ConsumerProcess.class,
                  access.through(processProxy).environment(),
                  folder)));
    }
    this.boundedConsumer =
        rabbit
            .consumer(Site.BOUNDED)
            .prefetch(100)
            .inOrder()
            .start(delivery -> handle(delivery, bounded));
    startConsumers();
    startSenders(perSecond);
  }

  @Override
  public List<Arm> arms() {
    return List.of(ordered, bounded, competing, deleted, noConfirms, autoAck);
  }

  RabbitMqNode node() {
    return node;
  }

  /** Before this process. */
  FaultProxy proxy() {
    return proxy;
  }

  /** Before the processes of consumers. */
  FaultProxy processProxy() {
    return processProxy;
  }

  List<ChaosJvm> processes() {
    return processes;
  }

  Consumer boundedConsumer() {
    return boundedConsumer;
  }

  private void startConsumers() {
    for (int i = 0; i < 2; i++) {
      var unused =
          rabbit
              .consumer(Site.COMPETING)
              .prefetch(50)
              .concurrency(2)
              .onFailure(RetryPolicy.requeue())
              .start(delivery -> handleAtTheSecondTry(delivery, competing));
    }
    for (Arm arm : List.of(deleted, noConfirms)) {
      var unused = rabbit.consumer(arm.name()).start(delivery -> handle(delivery, arm));
    }
  }

  /** Every hundredth attempt fails. */
  private void handleAtTheSecondTry(Delivery delivery, Arm arm) throws InterruptedException {
    if (ThreadLocalRandom.current().nextInt(100) == 0) {
      var unused = delivery.retry();
    } else {
      handle(delivery, arm);
    }
  }

  private void handle(Delivery delivery, Arm arm) throws InterruptedException {
    CountDownLatch until = stall.get();
    if (until != null) {
      until.await();
    }
    arm.ledger()
        .seen(
            delivery.messageId().orElse("none"),
            delivery.routingKey(),
            NumberedMessage.of(delivery.body()).sequence());
    var unused = delivery.ack();
  }

  /** Stalls every handler of this process, or lets them go on. */
  void stall(boolean on) {
    CountDownLatch before = stall.getAndSet(on ? new CountDownLatch(1) : null);
    if (before != null) {
      before.countDown();
    }
  }

  private void startSenders(int perSecond) throws Exception {
    for (Arm arm : List.of(ordered, bounded, competing, deleted, autoAck)) {
      Publisher.Builder options = rabbit.publisher(arm.name()).inFlight(200).timeout(PATIENCE);
      Publisher publisher =
          arm.name().equals(Site.ORDERED) ? options.republishUnknown().build() : options.build();
      publishers.add(publisher);
      send(arm, perSecond, message -> publish(publisher, arm.ledger(), message));
    }
    Connection connection = access.through(proxy).rawClient().newConnection("naive");
    open(connection::abort);
    Channel channel = connection.createChannel();
    send(noConfirms, perSecond, message -> publishNaively(channel, message));
  }

  private static void publish(Publisher publisher, Ledger ledger, NumberedMessage numbered) {
    Message message =
        Message.of(numbered.body(BODY_BYTES)).messageId(numbered.id()).routingKey(numbered.key());
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
    return outcome.isConfirmed()
        ? Outcome.CONFIRMED
        : outcome instanceof PublishOutcome.Returned
            ? Outcome.RETURNED
            : outcome instanceof PublishOutcome.Rejected ? Outcome.REJECTED : Outcome.UNKNOWN;
  }

  /** The usual mistake: what basicPublish took without an error is taken for published. */
  private void publishNaively(Channel channel, NumberedMessage message) {
    AMQP.BasicProperties properties =
        MessageProperties.PERSISTENT_BASIC.builder().messageId(message.id()).build();
    try {
      channel.basicPublish(Site.NO_CONFIRMS, message.key(), properties, message.body(BODY_BYTES));
      noConfirms.ledger().outcome(message.id(), Outcome.CONFIRMED);
    } catch (IOException | AlreadyClosedException e) {
      // It at least knows that it does not know.
      noConfirms.ledger().outcome(message.id(), Outcome.UNKNOWN);
    }
  }

  /** Deletes a queue and makes it again: what was in it is gone. */
  void deleteQueue() throws Exception {
    access.operate(channel -> channel.queueDelete(Site.DELETED));
    rabbit.apply(Site.deletedTopology());
    deleted.ledger().deleted(key -> true);
  }

  void deleteExchange() throws Exception {
    access.operate(channel -> channel.exchangeDelete(Site.DELETED));
  }

  void declareAgain() {
    rabbit.apply(Site.deletedTopology());
  }

  @Override
  public void stopSending() {
    stopSenders();
    publishers.forEach(publisher -> publisher.close(Duration.ofSeconds(30)));
  }

  @Override
  public boolean isDrained() {
    return access.areEmpty(arms().stream().map(Arm::name).toList());
  }

  @Override
  public void close() {
    stall(false);
    super.close();
  }
}
