// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import java.util.List;

/** Ours and the raw loop before a broker that costs nothing: rate, CPU, memory, latency. */
final class StubSuite {
  private static final int LATENCY_ROUNDS = 5;
  private static final double SECONDS = 0.6;
  private static final double LATENCY_SECONDS = 1.5;
  private static final double SHARE_OF_PEAK = 0.7;
  private static final int[] BODIES = {100, 1024};

  private final Results results;
  private final int rounds;

  StubSuite(Results results, int rounds) {
    this.results = results;
    this.rounds = rounds;
  }

  void run() throws Exception {
    try (StubProcess stub = new StubProcess()) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setHost("127.0.0.1");
      factory.setPort(stub.port());
      factory.setAutomaticRecoveryEnabled(false);
      RabbitSettings settings =
          RabbitSettings.builder("127.0.0.1", "guest", Secret.of("guest"))
              .port(stub.port())
              .build();
      try (PublishArm raw = new RawPublisher("raw", factory.newConnection());
          PublishArm again = new RawPublisher("rawAgain", factory.newConnection());
          PublishArm ours = new FabricPublisher(RabbitMessaging.open(settings))) {
        for (int bodyBytes : BODIES) {
          run(raw, again, ours, new byte[bodyBytes]);
        }
      }
    }
  }

  private void run(PublishArm raw, PublishArm again, PublishArm ours, byte[] body)
      throws Exception {
    String cell = "stub/" + body.length + "B";
    int count = 20_000;
    for (int i = 0; i < 4; i++) {
      Runs.publish(ours, "q", body, count);
      Runs.publish(again, "q", body, count);
      count = (int) (SECONDS * Runs.publish(raw, "q", body, count).perSecond());
    }
    double peak = 0;
    for (int round = 0; round < rounds; round++) {
      ByName<Usage.Cost> costs = new ByName<>();
      for (PublishArm arm : Runs.inTurn(round, List.of(raw, ours, again))) {
        Usage.Cost cost = Runs.publish(arm, "q", body, count);
        results.cost(cell + " publish", arm.name(), cost);
        costs.put(arm.name(), cost);
      }
      Usage.Cost us = costs.of("ours");
      Usage.Cost them = costs.of("raw");
      Usage.Cost same = costs.of("rawAgain");
      peak = Math.max(peak, them.perSecond());
      results.ratio("stub_publish_over_raw", cell, us.perSecond() / them.perSecond());
      results.ratio("client_cpu_over_raw", cell, us.cpuMicros() / them.cpuMicros());
      results.ratio("bytes_per_message_over_raw", cell, us.bytes() / them.bytes());
      results.ratio(MessagingBench.NOISE, cell, same.perSecond() / them.perSecond());
    }
    latency(raw, ours, body, SHARE_OF_PEAK * peak);
  }

  private void latency(PublishArm raw, PublishArm ours, byte[] body, double perSecond)
      throws Exception {
    String cell = "stub/" + body.length + "B";
    int count = (int) (LATENCY_SECONDS * perSecond);
    for (int round = 0; round < LATENCY_ROUNDS; round++) {
      ByName<Double> p99 = new ByName<>();
      for (PublishArm arm : Runs.inTurn(round, List.of(raw, ours))) {
        System.gc();
        Load load = Load.atRate("q", body, count, perSecond);
        arm.publish(load);
        load.await();
        p99.put(arm.name(), load.p99() / 1e3);
      }
      results.ratio("p99 micros of raw", cell, p99.of("raw"));
      results.ratio("p99 micros of ours", cell, p99.of("ours"));
      results.ratio("p99_latency_over_raw", cell, p99.of("ours") / p99.of("raw"));
    }
  }
}
