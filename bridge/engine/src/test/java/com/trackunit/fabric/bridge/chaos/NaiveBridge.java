// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both ways with the mistakes of most bridges: offsets committed by themselves and a publish
 * without confirms; automatic acks and a send that nobody waits for.
 */
final class NaiveBridge {
  private static final Logger log = LoggerFactory.getLogger(NaiveBridge.class);

  private NaiveBridge() {}

  /** Runs in a JVM of its own, until it is killed. */
  public static void main(String[] arguments) throws Exception {
    Site site = Site.ofEnvironment();
    Connection connection = site.rabbit().rawClient().newConnection(arguments[0]);
    KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", site.kafka(), "acks", "1", "linger.ms", 20),
            new StringSerializer(),
            new ByteArraySerializer());
    String tag =
        connection
            .createChannel()
            .basicConsume(
                Site.NAIVE_UP,
                true,
                (consumer, delivery) -> {
                  var unused =
                      producer.send(
                          new ProducerRecord<>(
                              Site.NAIVE_UP,
                              delivery.getEnvelope().getRoutingKey(),
                              delivery.getBody()));
                },
                consumer -> {});
    log.info("{} consumes as {}", arguments[0], tag);
    down(site, connection.createChannel());
  }

  private static void down(Site site, Channel channel) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                site.kafka(),
                "group.id",
                "naive",
                "auto.offset.reset",
                "latest",
                "auto.commit.interval.ms",
                500),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Site.NAIVE_DOWN));
      while (true) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          publish(channel, record);
        }
      }
    }
  }

  private static void publish(Channel channel, ConsumerRecord<String, byte[]> record) {
    try {
      AMQP.BasicProperties properties = MessageProperties.PERSISTENT_BASIC;
      channel.basicPublish(Site.NAIVE_DOWN, record.key(), properties, record.value());
    } catch (IOException | AlreadyClosedException e) {
      log.warn("not published", e);
    }
  }
}
