// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The two brokers, and what lies in their topics and queues before an arm starts. */
final class Lab implements AutoCloseable {
  private static final int KEYS = 64;
  private static final int CONFIRM_EVERY = 1000;
  private static final long CONFIRM_MILLIS = 60_000;

  private final KafkaNode kafka =
      KafkaNode.builder()
          .jvmOption("-XX:TieredStopAtLevel=4") // as a broker is run, not as a test's
          .jvmOption("-Xmx1g")
          .start();
  private final RabbitMqNode rabbit;
  private final Site site;
  private Connection connection;
  private Channel channel;
  private final Admin admin;
  private final Set<String> filled = new HashSet<>();
  private final Set<String> declared = new HashSet<>();
  private int runs;

  Lab() throws IOException, TimeoutException {
    rabbit = RabbitMqNode.start();
    site = Site.of(rabbit, kafka);
    connection = site.factory().newConnection();
    channel = confirming(connection);
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, site.kafka()));
  }

  private static Channel confirming(Connection connection) throws IOException {
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    return channel;
  }

  Site site() {
    return site;
  }

  /** Puts messages at the source, unless they are there, and sees to an empty sink. */
  Flow prepare(Cell cell, int messages) throws Exception {
    String id = "run" + runs++;
    String queue = (cell.toRabbit() ? "sink." : "source.") + cell.queueType();
    declare(cell, queue);
    if (cell.toRabbit()) {
      String topic = "source." + cell.bytes() + "." + cell.partitions();
      if (filled.add(topic)) {
        kafka.createTopic(topic, cell.partitions(), Map.of());
        fillTopic(topic, cell.bytes(), messages);
      }
      channel.queuePurge(queue);
      return new Flow(cell, topic, queue, id);
    }
    kafka.createTopic(id, cell.partitions(), Map.of());
    if (filled.add(queue + cell.bytes())) {
      filled.removeIf(it -> it.startsWith(queue) && !it.equals(queue + cell.bytes()));
      channel.queuePurge(queue);
    }
    fillQueue(queue, cell.bytes(), messages - channel.messageCount(queue));
    return new Flow(cell, id, queue, id);
  }

  /** A queue with nothing in it and a new topic, in this direction only. */
  Flow prepareEmpty(Cell cell) throws IOException {
    String id = "run" + runs++;
    String queue = "source." + cell.queueType();
    declare(cell, queue);
    kafka.createTopic(id, cell.partitions(), Map.of());
    channel.queuePurge(queue);
    return new Flow(cell, id, queue, id);
  }

  /** Puts numbered messages at the source, and tells the ledger of each. */
  Flow prepareNumbered(Cell cell, int messages, Ledger ledger) throws Exception {
    Numbered numbered = new Numbered(cell.bytes(), messages, ledger);
    if (!cell.toRabbit()) {
      Flow flow = prepareEmpty(cell);
      filled.removeIf(it -> it.startsWith(flow.queue()));
      numbered.fillQueue(channel, flow.queue());
      return flow;
    }
    String id = "run" + runs++;
    String queue = "sink." + cell.queueType();
    declare(cell, queue);
    kafka.createTopic(id, cell.partitions(), Map.of());
    channel.queuePurge(queue);
    numbered.fillTopic(site, id);
    return new Flow(cell, id, queue, id);
  }

  /** Kills RabbitMQ as {@code kill -9} does, and starts it again. */
  void killRabbit() throws IOException, TimeoutException {
    rabbit.kill();
    connection.abort();
    rabbit.restart();
    connection = site.factory().newConnection();
    channel = confirming(connection);
  }

  /** Tells the ledger what has come out. */
  void readSink(Flow flow, Ledger ledger) throws Exception {
    if (flow.cell().toRabbit()) {
      Numbered.readQueue(connection, flow.queue(), ledger);
    } else {
      Numbered.readTopic(site, flow, ledger);
    }
  }

  /** For whoever sends by itself; nobody else sends meanwhile. */
  Channel channel() {
    return channel;
  }

  /** What nobody needs after a run. */
  void forget(Flow flow) throws IOException {
    if (flow.cell().toRabbit()) {
      channel.queuePurge(flow.queue());
    } else {
      var unusedAsItIsOnlySpace = admin.deleteTopics(List.of(flow.topic()));
    }
  }

  Sink sink(Flow flow) {
    return flow.cell().toRabbit()
        ? new Sink.OfQueue(channel, flow.queue())
        : new Sink.OfTopic(site, flow);
  }

  private void declare(Cell cell, String queue) throws IOException {
    if (!declared.add(queue)) {
      return;
    }
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("x-queue-type", cell.queueType());
    arguments.put("x-single-active-consumer", true);
    channel.exchangeDeclare(queue, "fanout", true);
    channel.queueDeclare(queue, true, false, false, arguments);
    channel.queueBind(queue, queue, "");
  }

  private void fillTopic(String topic, int bytes, int messages) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            site.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < messages; i++) {
        byte[] key = key(i).getBytes(StandardCharsets.UTF_8);
        var unusedAsFlushed = producer.send(new ProducerRecord<>(topic, key, new byte[bytes]));
      }
      producer.flush();
    }
  }

  private void fillQueue(String queue, int bytes, long messages) throws Exception {
    byte[] body = new byte[bytes];
    for (int i = 0; i < messages; i++) {
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder()
              .messageId(UUID.randomUUID().toString())
              .deliveryMode(2)
              .build();
      channel.basicPublish(queue, key(i), properties, body);
      if (i % CONFIRM_EVERY == CONFIRM_EVERY - 1) {
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
      }
    }
    channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
  }

  static String key(int index) {
    return "key-" + index % KEYS;
  }

  @Override
  public void close() {
    admin.close();
    connection.abort();
    try {
      rabbit.close();
    } finally {
      kafka.close();
    }
  }
}
