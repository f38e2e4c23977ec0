// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.trackunit.fabric.bridge.BridgeEngine;
import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import com.trackunit.fabric.testkit.brokers.Verdict;
import com.trackunit.fabric.testkit.kubernetes.Pod;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The run behind {@code script/chaos portforward}: a bridge moves records from a real Kafka to a
 * real RabbitMQ through the forward, while the pod is replaced again and again as a seed says; a
 * ledger judges what came out.
 */
final class PortForwardChaos implements AutoCloseable {
  private static final String USAGE = "usage: script/chaos portforward [--seconds N] [--seed S]";
  private static final int PARTITIONS = 4;
  private static final int PER_SECOND = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final StandInCluster cluster = new StandInCluster();
  private final RabbitMqNode rabbit;
  private final KafkaNode kafka;
  private final Ledger ledger = new Ledger();
  private Pod pod;
  private int replaced;

  /** What came of it. */
  record Report(long seed, int seconds, int podsReplaced, long unknown, Verdict verdict) {
    /** Whether the links were cut under load: otherwise nothing was shown. */
    boolean isConclusive() {
      return unknown > 0 && podsReplaced >= seconds / 6;
    }

    boolean holds() {
      return verdict.isAtLeastOnceInOrder();
    }

    String toJson() {
      return String.format(
          Locale.ROOT,
          "{\"run\":\"portforward\",\"seed\":%d,\"seconds\":%d,\"verdict\":\"%s\",\"conclusive\":%s,"
              + "\"pods_replaced\":%d,\"unknown\":%d,\"sent\":%d,\"confirmed\":%d,\"seen\":%d,"
              + "\"lost\":%d,\"reordered\":%d,\"duplicated\":%d}%n",
          seed,
          seconds,
          holds() ? (isConclusive() ? "passed" : "inconclusive") : "failed",
          isConclusive(),
          podsReplaced,
          unknown,
          verdict.sent(),
          verdict.confirmed(),
          verdict.seen(),
          verdict.lost(),
          verdict.reordered(),
          verdict.duplicated());
    }
  }

  private PortForwardChaos() {
    kafka = KafkaNode.start();
    rabbit = RabbitMqNode.start();
    pod = newPod();
  }

  /** Runs it and exits: 0 passed, 1 failed, 2 inconclusive, 64 wrong usage. */
  public static void main(String[] arguments) throws Exception {
    int seconds = 120;
    long seed = 1;
    try {
      for (int i = 0; i < arguments.length; i += 2) {
        switch (arguments[i]) {
          case "--seconds" -> seconds = Integer.parseInt(arguments[i + 1]);
          case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
          default -> throw new IllegalArgumentException(arguments[i]);
        }
      }
      if (seconds < 1) {
        throw new IllegalArgumentException("--seconds");
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      System.err.println(USAGE);
      System.exit(64);
    }
    Report report = run(seconds, seed);
    Path file = Path.of("target", "chaos", "portforward.json");
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, report.toJson());
    System.out.print(report.toJson());
    System.exit(report.holds() ? (report.isConclusive() ? 0 : 2) : 1);
  }

  static Report run(int seconds, long seed) throws Exception {
    try (PortForwardChaos chaos = new PortForwardChaos();
        ServicePortForward forward = chaos.cluster.forward().open();
        RabbitMessaging messaging =
            RabbitMessaging.open(
                RabbitSettings.builder(
                        forward::address, chaos.rabbit.user(), chaos.rabbit.password())
                    .openTimeout(Duration.ofMinutes(1))
                    .heartbeat(Duration.ofSeconds(2))
                    .build())) {
      return chaos.judge(messaging, seconds, seed);
    }
  }

  private Report judge(RabbitMessaging messaging, int seconds, long seed) throws Exception {
    kafka.createTopic("photos", PARTITIONS, Map.of());
    ConnectionFactory direct = new ConnectionFactory();
    direct.setUri(rabbit.amqpUri());
    try (Connection connection = direct.newConnection("ledger");
        Channel channel = connection.createChannel();
        BridgeEngine bridge =
            BridgeEngine.builder(
                    "chaos", messaging, KafkaSettings.builder(kafka.bootstrapServers()).build())
                .route(Route.fromTopic("photos").toExchange("photo"))
                .build()) {
      channel.exchangeDeclare("photo", "fanout", true);
      channel.queueDeclare("photos", true, false, false, Map.of("x-queue-type", "quorum"));
      channel.queueBind("photos", "photo", "");
      channel.basicConsume("photos", true, (tag, message) -> see(message.getBody()), tag -> {});
      bridge.start();
      Thread load = new Thread(() -> send(seconds), "fabric-portforward-load-1");
      load.start();
      replacePods(seconds, new Random(seed));
      load.join();
      awaitDrained();
      return new Report(
          seed, seconds, replaced, bridge.status().get(0).unknown(), ledger.verdict());
    }
  }

  private Pod newPod() {
    InetSocketAddress broker = new InetSocketAddress(rabbit.host(), rabbit.port());
    return cluster.pod("rabbitmq-" + replaced, broker).ready(true);
  }

  /** Each pod lives for one to four seconds; for up to one there is none. */
  private void replacePods(int seconds, Random random) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(1_000 + random.nextInt(3_000));
      switch (random.nextInt(3)) {
        case 0 -> pod.delete(); // killed
        case 1 -> { // an orderly end
          pod.terminate();
          Thread.sleep(random.nextInt(300));
          pod.delete();
        }
        default -> { // its node died: the links first, then the object
          cluster.api.resetConnections();
          pod.delete();
        }
      }
      Thread.sleep(random.nextInt(1_000));
      replaced++;
      pod = newPod();
    }
  }

  private void send(int seconds) {
    Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      int total = seconds * PER_SECOND;
      for (int i = 0; i < total; i++) {
        String key = "photos-" + i % PARTITIONS;
        long sequence = i / PARTITIONS;
        String id = key + "-" + sequence;
        ledger.sent(id, key, sequence);
        Future<RecordMetadata> unused =
            producer.send(
                new ProducerRecord<>(
                    "photos",
                    i % PARTITIONS,
                    null,
                    (id + " " + key + " " + sequence).getBytes(UTF_8)),
                (where, failure) ->
                    ledger.outcome(
                        id, failure == null ? Ledger.Outcome.CONFIRMED : Ledger.Outcome.UNKNOWN));
        if (i % (PER_SECOND / 10) == 0) {
          Thread.sleep(100);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void see(byte[] body) {
    String[] parts = new String(body, UTF_8).split(" ", -1);
    ledger.seen(parts[0], parts[1], Long.parseLong(parts[2]));
  }

  private void awaitDrained() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!ledger.isDrained() && System.nanoTime() < end) {
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    try {
      rabbit.close();
    } finally {
      try {
        kafka.close();
      } finally {
        cluster.close();
      }
    }
  }
}
