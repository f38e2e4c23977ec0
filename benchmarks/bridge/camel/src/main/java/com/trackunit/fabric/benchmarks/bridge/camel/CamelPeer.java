// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge.camel;

import com.rabbitmq.client.Channel;
import com.trackunit.fabric.benchmarks.bridge.Cell;
import com.trackunit.fabric.benchmarks.bridge.Flow;
import com.trackunit.fabric.benchmarks.bridge.PeerProgram;
import com.trackunit.fabric.benchmarks.bridge.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/**
 * The fastest routes of Camel's two components that are at least once. To RabbitMQ the component
 * awaits each confirm before the next message, so there is a consumer for each partition. To Kafka
 * messages are processed asynchronously and acked by hand when the producer has answered.
 */
public final class CamelPeer {
  private CamelPeer() {}

  /**
   * Runs.
   *
   * @param args the site
   * @throws IOException if nobody can be answered
   */
  public static void main(String[] args) throws IOException {
    PeerProgram.run(args, CamelPeer::start);
  }

  private static AutoCloseable start(Site site, Flow flow) throws Exception {
    CachingConnectionFactory connections = new CachingConnectionFactory(site.factory());
    DefaultCamelContext context = new DefaultCamelContext();
    context.getRegistry().bind("rabbit", connections);
    context.getShutdownStrategy().setTimeout(1);
    if (flow.cell().toRabbit()) {
      connections.setPublisherConfirmType(CachingConnectionFactory.ConfirmType.SIMPLE);
      context.addRoutes(toRabbit(site, flow));
    } else {
      context.addRoutes(toKafka(site, flow));
    }
    context.start();
    return () -> {
      context.close();
      connections.destroy();
    };
  }

  private static RouteBuilder toRabbit(Site site, Flow flow) {
    String from =
        "kafka:"
            + flow.topic()
            + "?brokers="
            + site.kafka()
            + "&groupId="
            + flow.id()
            + "&autoOffsetReset=earliest&isolationLevel=read_committed"
            + "&autoCommitEnable=false&allowManualCommit=true&breakOnFirstError=true"
            + "&maxPollRecords="
            + flow.cell().window()
            + "&consumersCount="
            + flow.cell().partitions()
            + "&keyDeserializer="
            + ByteArrayDeserializer.class.getName()
            + "&valueDeserializer="
            + ByteArrayDeserializer.class.getName();
    String to =
        "spring-rabbitmq:"
            + flow.queue()
            + "?connectionFactory=#rabbit&autoDeclareProducer=false&confirm=enabled"
            + "&confirmTimeout=30000";
    return new RouteBuilder() {
      @Override
      public void configure() {
        from(from).process(CamelPeer::toRoutingKey).to(to).process(CamelPeer::commit);
      }
    };
  }

  private static void toRoutingKey(Exchange exchange) {
    Message message = exchange.getMessage();
    byte[] key = message.getHeader(KafkaConstants.KEY, byte[].class);
    message.setHeader(
        SpringRabbitMQConstants.ROUTING_OVERRIDE_KEY, new String(key, StandardCharsets.UTF_8));
    message.setHeader(
        SpringRabbitMQConstants.MESSAGE_ID,
        message.getHeader(KafkaConstants.PARTITION)
            + "-"
            + message.getHeader(KafkaConstants.OFFSET));
  }

  /** The end of what a poll has brought from a partition. */
  private static void commit(Exchange exchange) {
    Message message = exchange.getMessage();
    if (message.getHeader(KafkaConstants.LAST_RECORD_BEFORE_COMMIT, false, Boolean.class)) {
      message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class).commit();
    }
  }

  private static RouteBuilder toKafka(Site site, Flow flow) {
    String from =
        "spring-rabbitmq:"
            + flow.queue()
            + "?connectionFactory=#rabbit&autoDeclare=false&queues="
            + flow.queue()
            + "&acknowledgeMode=MANUAL&asyncConsumer=true&prefetchCount="
            + flow.cell().window();
    String to =
        "kafka:"
            + flow.topic()
            + "?brokers="
            + site.kafka()
            + "&requestRequiredAcks=all&enableIdempotence=true&lingerMs=2&producerBatchSize=65536"
            + "&bufferMemorySize="
            + 4L * Cell.WINDOW_BYTES
            + "&keySerializer="
            + ByteArraySerializer.class.getName()
            + "&valueSerializer="
            + ByteArraySerializer.class.getName();
    return new RouteBuilder() {
      @Override
      public void configure() {
        from(from).process(CamelPeer::toKey).to(to).process(CamelPeer::ack);
      }
    };
  }

  private static void toKey(Exchange exchange) {
    Message message = exchange.getMessage();
    String key = message.getHeader(SpringRabbitMQConstants.ROUTING_KEY, String.class);
    message.setHeader(KafkaConstants.KEY, key.getBytes(StandardCharsets.UTF_8));
  }

  private static void ack(Exchange exchange) throws IOException {
    long tag = exchange.getMessage().getHeader(SpringRabbitMQConstants.DELIVERY_TAG, Long.class);
    exchange.getProperty(SpringRabbitMQConstants.CHANNEL, Channel.class).basicAck(tag, false);
  }
}
