// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * What one Kafka node is on disk and on the network: its folder with configuration, data and log,
 * its ports and its cluster's id. All of it outlives a restart of the broker.
 */
final class KafkaFiles {
  private final Path folder;
  private final int port = FreePorts.next();
  private final int controllerPort = FreePorts.next();
  private final String clusterId = newClusterId();

  private final int advertisedPort;

  private KafkaFiles(Path folder, IntUnaryOperator advertised) {
    this.folder = folder;
    this.advertisedPort = advertised.applyAsInt(port);
  }

  /** Makes the folder and writes what a broker reads at its start. */
  static KafkaFiles create(Map<String, String> settings, IntUnaryOperator advertised) {
    KafkaFiles files = new KafkaFiles(Folders.create("fabric-kafka-"), advertised);
    Map<String, String> all = files.defaults();
    all.putAll(settings);
    String lines =
        all.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
            .collect(Collectors.joining());
    try {
      Folders.writePrivately(files.properties(), lines);
    } catch (RuntimeException e) {
      Folders.deleteTree(files.folder);
      throw e;
    }
    return files;
  }

  Path folder() {
    return folder;
  }

  Path properties() {
    return folder.resolve("server.properties");
  }

  int port() {
    return port;
  }

  /** The port that clients are told. */
  int advertisedPort() {
    return advertisedPort;
  }

  String clusterId() {
    return clusterId;
  }

  private Map<String, String> defaults() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@" + Loopback.HOST + ":" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("inter.broker.listener.name", "BROKER");
    settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    String broker = "BROKER://" + Loopback.HOST + ":" + port;
    settings.put("listeners", broker + "," + controllerListener());
    settings.put("advertised.listeners", "BROKER://" + Loopback.HOST + ":" + advertisedPort);
    if (advertisedPort != port) {
      keepOwnTrafficFromTheProxy(settings, broker);
    }
    settings.put("log.dirs", folder.resolve("data").toString());
    settings.put("auto.create.topics.enable", "false");
    for (String topic :
        new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
      // The defaults are made for a cluster: three copies, and fifty partitions to create.
      settings.put(topic + ".replication.factor", "1");
      settings.put(topic + ".num.partitions", "3");
    }
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    // Nobody else is going to join, so the first member of a group need not be kept waiting.
    settings.put("group.initial.rebalance.delay.ms", "0");
    // After kill -9 the controller waits for this time before the broker may come back.
    settings.put("broker.session.timeout.ms", "3000");
    settings.put("broker.heartbeat.interval.ms", "500");
    // Otherwise 128 MB, which the small heap does not have.
    settings.put("log.cleaner.dedupe.buffer.size", "4194304");
    return settings;
  }

  /** The broker talks to itself, of transactions for one; a proxy is meant for clients. */
  private void keepOwnTrafficFromTheProxy(Map<String, String> settings, String broker) {
    String own = "INTERNAL://" + Loopback.HOST + ":" + FreePorts.next();
    settings.put("inter.broker.listener.name", "INTERNAL");
    settings.merge("listener.security.protocol.map", ",INTERNAL:PLAINTEXT", String::concat);
    settings.put("listeners", broker + "," + own + "," + controllerListener());
    settings.merge("advertised.listeners", "," + own, String::concat);
  }

  private String controllerListener() {
    return "CONTROLLER://" + Loopback.HOST + ":" + controllerPort;
  }

  /** A UUID as Kafka writes one; without a dash in front, which its tool takes for an option. */
  private static String newClusterId() {
    while (true) {
      UUID uuid = UUID.randomUUID();
      ByteBuffer bytes =
          ByteBuffer.allocate(16)
              .putLong(uuid.getMostSignificantBits())
              .putLong(uuid.getLeastSignificantBits());
      String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
      if (!id.startsWith("-")) {
        return id;
      }
    }
  }
}
