// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All arms before one private broker, on queues that were declared before. */
final class BrokerSuite {
  /** In how many of the rounds the arms run that no limit is about. */
  private static final int SIDE_ROUNDS = 5;

  /** How long the raw loop publishes in a round; consuming that takes a third of it. */
  private static final double SECONDS = 1;

  /** With fewer messages nothing is measured. */
  private static final int LEAST = 5000;

  private record Cell(String queue, int bodyBytes) {
    byte[] body() {
      return new byte[bodyBytes];
    }

    @Override
    public String toString() {
      return queue + "/" + bodyBytes + "B";
    }
  }

  private static final List<Cell> CELLS =
      List.of(
          new Cell("classic", 100),
          new Cell("quorum", 100),
          new Cell("classic", 1024),
          new Cell("quorum", 1024));

  private final Results results;
  private final int rounds;
  private final List<Cell> cells;
  private final RabbitMqNode node;
  private final ConnectionFactory factory = new ConnectionFactory();
  private final ByName<Integer> counts = new ByName<>();

  BrokerSuite(Results results, int rounds, Predicate<String> cells, RabbitMqNode node)
      throws Exception {
    this.results = results;
    this.rounds = rounds;
    this.cells = CELLS.stream().filter(cell -> cells.test(cell.toString())).toList();
    this.node = node;
    factory.setUri(node.amqpUri());
    factory.setAutomaticRecoveryEnabled(false);
  }

  private RabbitMessaging messaging() {
    return RabbitMessaging.open(
        RabbitSettings.builder(node.host(), node.user(), node.password())
            .port(node.port())
            .build());
  }

  /** What publishes, and what consumes that; null if it is only thrown away. */
  private record Arm(PublishArm publisher, @Nullable ConsumeArm consumer) {
    String name() {
      return publisher.name();
    }
  }

  void run() throws Exception {
    try (RabbitMessaging rabbit = messaging();
        Connection connection = factory.newConnection();
        Channel control = connection.createChannel();
        PublishArm raw = new RawPublisher("raw", factory.newConnection());
        PublishArm again = new RawPublisher("rawAgain", factory.newConnection());
        PublishArm ours = new FabricPublisher(messaging());
        PublishArm spring = new SpringPublisher(true, factory);
        PublishArm springDefault = new SpringPublisher(false, factory);
        ConsumeArm rawConsumer = new RawConsumer("raw", factory.newConnection());
        ConsumeArm againConsumer = new RawConsumer("rawAgain", factory.newConnection());
        ConsumeArm oursConsumer = new FabricConsumer(messaging())) {
      rabbit.apply(
          Topology.builder().queue("classic", q -> q.classic()).queue("quorum", q -> {}).build());
      List<Arm> compared =
          List.of(
              new Arm(raw, rawConsumer),
              new Arm(ours, oursConsumer),
              new Arm(again, againConsumer),
              new Arm(spring, null));
      List<Arm> all = new ArrayList<>(compared);
      all.add(new Arm(springDefault, null));
      if (cells.isEmpty()) {
        return;
      }
      warmUp(control, compared);
      Runs.publish(springDefault, "classic", CELLS.get(0).body(), LEAST);
      control.queuePurge("classic");
      for (int round = 0; round < rounds; round++) {
        List<Arm> arms = round < SIDE_ROUNDS ? all : compared;
        for (Cell cell : cells) {
          round(control, Runs.inTurn(round, arms), cell);
        }
      }
      perfTest(control);
    }
  }

  /** Until code is compiled and queues are old; finds out how many messages take a second. */
  private void warmUp(Channel control, List<Arm> arms) throws Exception {
    for (Cell cell : cells) {
      int count = LEAST;
      for (int i = 0; i < 3; i++) {
        double rate = 0;
        for (Arm arm : arms) {
          Usage.Cost cost = Runs.publish(arm.publisher(), cell.queue(), cell.body(), count);
          rate = arm.name().equals("raw") ? cost.perSecond() : rate;
          if (arm.consumer() == null) {
            control.queuePurge(cell.queue());
          } else {
            Runs.consume(arm.consumer(), cell.queue(), count);
          }
        }
        count = Math.max(LEAST, (int) (SECONDS * rate));
      }
      counts.put(cell.toString(), count);
    }
  }

  private void round(Channel control, List<Arm> arms, Cell where) throws Exception {
    String cell = where.toString();
    String queue = where.queue();
    int count = counts.of(cell);
    ByName<Double> published = new ByName<>();
    ByName<Double> consumed = new ByName<>();
    for (Arm arm : arms) {
      Usage.Cost cost = Runs.publish(arm.publisher(), queue, where.body(), count);
      results.cost(cell + " publish", arm.name(), cost);
      published.put(arm.name(), cost.perSecond());
      ConsumeArm consumer = arm.consumer();
      if (consumer == null) {
        control.queuePurge(queue);
        continue;
      }
      cost = Runs.consume(consumer, queue, count);
      results.cost(cell + " consume", arm.name(), cost);
      consumed.put(arm.name(), cost.perSecond());
      int left = (int) control.messageCount(queue);
      if (left != 0) {
        throw new IllegalStateException(arm.name() + " left " + left + " in " + queue);
      }
    }
    ratio("publish_confirmed_over_raw", cell, published, "ours", "raw");
    ratio("publish_confirmed_over_spring", cell, published, "ours", "springInvoke");
    ratio("consume_over_raw", cell, consumed, "ours", "raw");
    ratio(MessagingBench.NOISE, cell + " publish", published, "rawAgain", "raw");
    ratio(MessagingBench.NOISE, cell + " consume", consumed, "rawAgain", "raw");
  }

  private void ratio(String name, String cell, ByName<Double> rates, String over, String below) {
    results.ratio(name, cell, rates.of(over) / rates.of(below));
  }

  /** Once for each cell: it takes several seconds to start and stop, and no limit is about it. */
  private void perfTest(Channel control) throws IOException {
    for (Cell cell : cells) {
      double perSecond = PerfTestRun.perSecond(node.amqpUri(), cell.queue(), cell.bodyBytes());
      Usage.Cost cost = new Usage.Cost(perSecond, Double.NaN, Double.NaN);
      results.cost(cell + " publish", "perfTest", cost);
      control.queuePurge(cell.queue());
    }
  }
}
