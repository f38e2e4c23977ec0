// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.util.List;

/** All arms before one private broker, on queues that were declared before. */
final class BrokerSuite {
  /** In how many of the rounds the peers and the raw loop's double run too. */
  private static final int PEER_ROUNDS = 5;

  private static final double SECONDS = 0.5;
  private static final int[] BODIES = {100, 1024};
  private static final List<String> QUEUES = List.of("classic", "quorum");

  private final Results results;
  private final int rounds;
  private final RabbitMqNode node;
  private final ConnectionFactory factory = new ConnectionFactory();
  private final ByName<Integer> counts = new ByName<>();

  BrokerSuite(Results results, int rounds, RabbitMqNode node) throws Exception {
    this.results = results;
    this.rounds = rounds;
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
        ConsumeArm oursConsumer = new FabricConsumer(messaging())) {
      rabbit.apply(
          Topology.builder().queue("classic", q -> q.classic()).queue("quorum", q -> {}).build());
      Pairs pairs = new Pairs(control, List.of(raw, ours), List.of(rawConsumer, oursConsumer));
      List<PublishArm> peers = List.of(again, spring, springDefault);
      warmUp(pairs, peers);
      for (int round = 0; round < rounds; round++) {
        for (int bodyBytes : BODIES) {
          for (String queue : QUEUES) {
            round(round, pairs, peers, queue, new byte[bodyBytes]);
          }
        }
      }
    }
  }

  /**
   * What runs in each round.
   *
   * @param control empties queues
   * @param publishers the raw loop and ours
   * @param consumers the raw one and ours
   */
  private record Pairs(Channel control, List<PublishArm> publishers, List<ConsumeArm> consumers) {}

  /** Until code is compiled and queues are old; finds out how many messages take half a second. */
  private void warmUp(Pairs pairs, List<PublishArm> peers) throws Exception {
    for (int bodyBytes : BODIES) {
      for (String queue : QUEUES) {
        int count = 3000;
        for (int i = 0; i < 3; i++) {
          for (PublishArm peer : peers) {
            Runs.publish(peer, queue, new byte[bodyBytes], count);
            pairs.control().queuePurge(queue);
          }
          double rate = 0;
          for (int arm = 0; arm < 2; arm++) {
            rate =
                Runs.publish(pairs.publishers().get(arm), queue, new byte[bodyBytes], count)
                    .perSecond();
            Runs.consume(pairs.consumers().get(arm), queue, count);
          }
          count = (int) (SECONDS * rate);
        }
        counts.put(cell(queue, bodyBytes), Math.max(2000, count));
      }
    }
  }

  private static String cell(String queue, int bodyBytes) {
    return queue + "/" + bodyBytes + "B";
  }

  private void round(int round, Pairs pairs, List<PublishArm> peers, String queue, byte[] body)
      throws Exception {
    String cell = cell(queue, body.length);
    int count = counts.of(cell);
    ByName<Double> published = new ByName<>();
    ByName<Double> consumed = new ByName<>();
    for (int arm : Runs.inTurn(round, List.of(0, 1))) {
      PublishArm publisher = pairs.publishers().get(arm);
      Usage.Cost cost = Runs.publish(publisher, queue, body, count);
      results.cost(cell + " publish", publisher.name(), cost);
      published.put(publisher.name(), cost.perSecond());
      ConsumeArm consumer = pairs.consumers().get(arm);
      cost = Runs.consume(consumer, queue, count);
      results.cost(cell + " consume", consumer.name(), cost);
      consumed.put(consumer.name(), cost.perSecond());
      int left = (int) pairs.control().messageCount(queue);
      if (left != 0) {
        throw new IllegalStateException(consumer.name() + " left " + left + " in " + queue);
      }
    }
    over("publish_confirmed_over_raw", cell, published, "raw");
    over("consume_over_raw", cell, consumed, "raw");
    if (round < PEER_ROUNDS) {
      for (PublishArm peer : Runs.inTurn(round, peers)) {
        Usage.Cost cost = Runs.publish(peer, queue, body, count);
        results.cost(cell + " publish", peer.name(), cost);
        published.put(peer.name(), cost.perSecond());
        pairs.control().queuePurge(queue);
      }
      double perfTest = PerfTestRun.perSecond(node.amqpUri(), queue, body.length);
      results.cost(cell + " publish", "perfTest", new Usage.Cost(perfTest, Double.NaN, Double.NaN));
      pairs.control().queuePurge(queue);
      boolean isTunedBest = published.of("springInvoke") > published.of("springDefault");
      over(
          "publish_confirmed_over_spring",
          cell,
          published,
          isTunedBest ? "springInvoke" : "springDefault");
      results.ratio(MessagingBench.NOISE, cell, published.of("rawAgain") / published.of("raw"));
    }
  }

  private void over(String name, String cell, ByName<Double> rates, String below) {
    results.ratio(name, cell, rates.of("ours") / rates.of(below));
  }
}
