// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Ours and the raw loop before a broker that costs nothing: rate, CPU, memory, latency. */
final class StubSuite {
  private static final double SECONDS = 0.6;

  /** Short and many: a machine that stalls once a second spoils few of them. */
  private static final double LATENCY_SECONDS = 0.25;

  private static final int LATENCIES_A_ROUND = 4;
  private static final double SHARE_OF_PEAK = 0.7;
  private static final int[] BODIES = {100, 1024};

  private final Results results;
  private final int rounds;
  private final Predicate<String> cells;

  StubSuite(Results results, int rounds, Predicate<String> cells) {
    this.results = results;
    this.rounds = rounds;
    this.cells = cells;
  }

  private static String cell(int bodyBytes) {
    return "stub/" + bodyBytes + "B";
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
          if (!cells.test(cell(bodyBytes))) {
            continue;
          }
          run(raw, again, ours, new byte[bodyBytes]);
        }
      }
    }
  }

  private void run(PublishArm raw, PublishArm again, PublishArm ours, byte[] body)
      throws Exception {
    String cell = cell(body.length);
    int count = 20_000;
    for (int i = 0; i < 4; i++) {
      Runs.publish(ours, "q", body, count);
      Runs.publish(again, "q", body, count);
      count = (int) (SECONDS * Runs.publish(raw, "q", body, count).perSecond());
    }
    List<Double> rates = new ArrayList<>();
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
      rates.add(them.perSecond());
      results.ratio("stub_publish_over_raw", cell, us.perSecond() / them.perSecond());
      results.ratio("client_cpu_over_raw", cell, us.cpuMicros() / them.cpuMicros());
      results.ratio("bytes_per_message_over_raw", cell, us.bytes() / them.bytes());
      results.ratio(MessagingBench.NOISE, cell, same.perSecond() / them.perSecond());
    }
    latency(raw, ours, body, SHARE_OF_PEAK * Stats.median(rates));
  }

  /** A round in which one of the two did not keep the rate says nothing about either. */
  private void latency(PublishArm raw, PublishArm ours, byte[] body, double perSecond)
      throws Exception {
    String cell = cell(body.length);
    int kept = 0;
    int times = LATENCIES_A_ROUND * rounds;
    for (int round = 0; round < times; round++) {
      ByName<Load> loads = new ByName<>();
      for (PublishArm arm : Runs.inTurn(round, List.of(raw, ours))) {
        loads.put(arm.name(), Runs.publishAt(perSecond, arm, "q", body, LATENCY_SECONDS));
      }
      Load us = loads.of("ours");
      Load them = loads.of("raw");
      results.ratio("late share of raw", cell, them.lateShare());
      results.ratio("late share of ours", cell, us.lateShare());
      if (us.keptRate() && them.keptRate()) {
        kept++;
        results.ratio("p99 micros of raw", cell, them.p99() / 1e3);
        results.ratio("p99 micros of ours", cell, us.p99() / 1e3);
        results.ratio("p99_latency_over_raw", cell, (double) us.p99() / them.p99());
      }
    }
    results.note(
        String.format(
            Locale.ROOT,
            "%s: latency at %.0f msg/s; the rate was kept %d of %d times",
            cell,
            perSecond,
            kept,
            times));
    if (2 * kept <= times) {
      results.notMeasured("p99_latency_over_raw", cell);
    }
  }
}
