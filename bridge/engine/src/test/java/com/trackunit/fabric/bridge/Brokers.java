// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real Kafka and a real RabbitMQ, and raw clients that look at what the bridge did to them. */
final class Brokers implements AutoCloseable {
  final KafkaNode kafka;
  final RabbitMqNode rabbit;

  Brokers() {
    CompletableFuture<KafkaNode> kafkaStarts = CompletableFuture.supplyAsync(KafkaNode::start);
    try {
      rabbit = RabbitMqNode.start();
    } catch (RuntimeException e) {
      kafkaStarts.thenAccept(KafkaNode::close).join();
      throw e;
    }
    try {
      kafka = kafkaStarts.join();
    } catch (RuntimeException e) {
      rabbit.close();
      throw e;
    }
  }

  /** Over nodes of one's own, which are one's own to close too. */
  Brokers(KafkaNode kafka, RabbitMqNode rabbit) {
    this.kafka = kafka;
    this.rabbit = rabbit;
  }

  /** A name that no other test has. */
  static String fresh(String what) {
    return what + "." + UUID.randomUUID().toString().substring(0, 8);
  }

  String newTopic(int partitions) {
    String topic = fresh("topic");
    kafka.createTopic(topic, partitions, Map.of());
    return topic;
  }

  RabbitMessaging openMessaging() {
    return RabbitMessaging.open(
        RabbitSettings.builder(rabbit.host(), rabbit.user(), rabbit.password())
            .port(rabbit.port())
            .build());
  }

  KafkaSettings kafkaSettings() {
    return KafkaSettings.builder(kafka.bootstrapServers()).clientId("bridge-test").build();
  }

  void declareExchange(String exchange) throws Exception {
    withChannel(channel -> channel.exchangeDeclare(exchange, "fanout", true));
  }

  /** A durable queue behind a fanout exchange; both are made if they are missing. */
  void declareQueue(String exchange, String queue, String type) throws Exception {
    withChannel(
        channel -> {
          channel.exchangeDeclare(exchange, "fanout", true);
          channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", type));
          return channel.queueBind(queue, exchange, "");
        });
  }

  /** A queue that keeps its order, as a route needs it. */
  void declareOrderedQueue(String queue, String type) throws Exception {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("x-queue-type", type);
    arguments.put("x-single-active-consumer", true);
    if (type.equals("quorum")) {
      arguments.put("x-delivery-limit", 1_000);
    }
    withChannel(channel -> channel.queueDeclare(queue, true, false, false, arguments));
  }

  /** Everything committed in a topic, each partition in its order. */
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    Map<String, Object> config =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
    }
    return all;
  }

  long depth(String queue) throws Exception {
    return withChannel(channel -> channel.messageCount(queue));
  }

  /** Everything in a queue, in its order, until it is empty; nobody may publish to it meanwhile. */
  List<Delivery> drain(String queue) throws Exception {
    return withChannel(
        channel -> {
          BlockingQueue<Delivery> arriving = new LinkedBlockingQueue<>();
          List<Delivery> all = new ArrayList<>();
          CountDownLatch cancelled = new CountDownLatch(1);
          long expected = channel.messageCount(queue);
          String tag =
              channel.basicConsume(
                  queue,
                  true,
                  Map.of(),
                  new DefaultConsumer(channel) {
                    @Override
                    public void handleDelivery(
                        String consumer,
                        Envelope envelope,
                        AMQP.BasicProperties properties,
                        byte[] body) {
                      arriving.add(new Delivery(envelope, properties, body));
                    }

                    @Override
                    public void handleCancelOk(String consumer) {
                      cancelled.countDown();
                    }
                  });
          while (all.size() < expected) {
            Delivery next = arriving.poll(30, TimeUnit.SECONDS);
            if (next == null) {
              throw new AssertionError(
                  queue + ": " + all.size() + " messages came, but it said " + expected);
            }
            all.add(next);
          }
          channel.basicCancel(tag);
          // What was on its way to the consumer comes before the answer to its cancellation; what
          // was not is in the queue.
          if (!cancelled.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError(queue + ": cancelling the consumer was not answered");
          }
          arriving.drainTo(all);
          GetResponse rest;
          while ((rest = channel.basicGet(queue, true)) != null) {
            all.add(new Delivery(rest.getEnvelope(), rest.getProps(), rest.getBody()));
          }
          return all;
        });
  }

  /** Something done on a channel of its own. */
  interface ChannelCall<T> {
    T on(Channel channel) throws Exception;
  }

  /** A raw connection that does not come back by itself. */
  Connection connect() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(rabbit.amqpUri());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection("test");
  }

  <T> T withChannel(ChannelCall<T> call) throws Exception {
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      return call.on(channel);
    }
  }

  KafkaProducer<byte[], byte[]> newProducer() {
    Properties config = new Properties();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends and waits until Kafka has all of them. */
  void send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    List<Future<RecordMetadata>> acks = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = newProducer()) {
      records.forEach(record -> acks.add(producer.send(record)));
    }
    for (Future<RecordMetadata> ack : acks) {
      ack.get();
    }
  }

  /** By partition, what the group has committed. */
  Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
    try (Admin admin = newAdmin()) {
      return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }
  }

  Admin newAdmin() {
    return Admin.create(
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()));
  }

  @Override
  public void close() {
    try {
      rabbit.close();
    } finally {
      kafka.close();
    }
  }
}
