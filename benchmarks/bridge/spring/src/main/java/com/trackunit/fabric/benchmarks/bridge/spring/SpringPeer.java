// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge.spring;

import com.rabbitmq.client.Channel;
import com.trackunit.fabric.benchmarks.bridge.Flow;
import com.trackunit.fabric.benchmarks.bridge.PeerProgram;
import com.trackunit.fabric.benchmarks.bridge.Site;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.amqp.dsl.Amqp;
import org.springframework.integration.amqp.support.BoundRabbitChannelAdvice;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.integration.kafka.dsl.Kafka;
import org.springframework.integration.kafka.inbound.KafkaMessageDrivenChannelAdapter.ListenerMode;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.kafka.support.SimpleKafkaHeaderMapper;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.support.ErrorMessage;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.util.backoff.FixedBackOff;

/**
 * The flows that Spring Integration's manual suggests for at least once. To RabbitMQ: a batch of
 * records on one bound channel, its confirms awaited, then its offsets committed. To Kafka: manual
 * acks, each when the producer has answered.
 */
public final class SpringPeer {
  private static final Duration CONFIRMED_WITHIN = Duration.ofSeconds(30);
  private static final long RETRY_MILLIS = 500;
  private static final String KEY = "x-kafka-key";

  private SpringPeer() {}

  @Configuration
  @EnableIntegration
  static class Integration {}

  /**
   * Runs.
   *
   * @param args the site
   * @throws IOException if nobody can be answered
   */
  public static void main(String[] args) throws IOException {
    PeerProgram.run(args, SpringPeer::start);
  }

  private static AutoCloseable start(Site site, Flow flow) {
    CachingConnectionFactory connections = new CachingConnectionFactory(site.factory());
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.register(Integration.class);
    context.registerBean(CachingConnectionFactory.class, () -> connections);
    if (flow.cell().toRabbit()) {
      connections.setPublisherConfirmType(CachingConnectionFactory.ConfirmType.SIMPLE);
      context.registerBean(
          "toRabbit", IntegrationFlow.class, () -> toRabbit(site, flow, connections));
    } else {
      KafkaTemplate<byte[], byte[]> kafka =
          new KafkaTemplate<>(
              new DefaultKafkaProducerFactory<>(
                  site.producer(), new ByteArraySerializer(), new ByteArraySerializer()));
      context.registerBean("kafka", KafkaTemplate.class, () -> kafka);
      context.registerBean("acked", IntegrationFlow.class, () -> settles("sent", true));
      context.registerBean("nacked", IntegrationFlow.class, () -> settles("failed", false));
      context.registerBean(
          "toKafka", IntegrationFlow.class, () -> toKafka(flow, connections, kafka));
    }
    context.refresh();
    return () -> {
      context.close();
      connections.destroy();
    };
  }

  private static IntegrationFlow toRabbit(
      Site site, Flow flow, CachingConnectionFactory connections) {
    Map<String, Object> config = new HashMap<>(site.consumer(flow.id()));
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, flow.cell().window());
    ContainerProperties properties = new ContainerProperties(flow.topic());
    properties.setAckMode(ContainerProperties.AckMode.BATCH);
    KafkaMessageListenerContainer<byte[], byte[]> container =
        new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
            properties);
    container.setCommonErrorHandler(
        new DefaultErrorHandler(new FixedBackOff(RETRY_MILLIS, FixedBackOff.UNLIMITED_ATTEMPTS)));
    RabbitTemplate template = new RabbitTemplate(connections);
    return IntegrationFlow.from(Kafka.messageDrivenChannelAdapter(container, ListenerMode.batch))
        .transform(Message.class, SpringPeer::records)
        .splitWith(
            splitter ->
                splitter
                    .applySequence(false)
                    .advice(new BoundRabbitChannelAdvice(template, CONFIRMED_WITHIN)))
        .handle(
            Amqp.outboundAdapter(template)
                .exchangeName(flow.queue())
                .routingKeyFunction(message -> text(message.getHeaders(), KEY))
                .mappedRequestHeaders("STANDARD_REQUEST_HEADERS", KEY))
        .get();
  }

  /** A batch has one header for each property of its records, with a list in it. */
  private static Message<List<Message<?>>> records(Message<?> batch) {
    List<?> bodies = (List<?>) batch.getPayload();
    MessageHeaders headers = batch.getHeaders();
    List<?> keys = list(headers, KafkaHeaders.RECEIVED_KEY);
    List<?> partitions = list(headers, KafkaHeaders.RECEIVED_PARTITION);
    List<?> offsets = list(headers, KafkaHeaders.OFFSET);
    List<Message<?>> records = new ArrayList<>(bodies.size());
    for (int i = 0; i < bodies.size(); i++) {
      String key = new String((byte[]) keys.get(i), StandardCharsets.UTF_8);
      String id = partitions.get(i) + "-" + offsets.get(i);
      records.add(
          new GenericMessage<>(bodies.get(i), Map.of(KEY, key, AmqpHeaders.MESSAGE_ID, id)));
    }
    return new GenericMessage<>(records);
  }

  private static IntegrationFlow toKafka(
      Flow flow, CachingConnectionFactory connections, KafkaTemplate<byte[], byte[]> kafka) {
    DirectMessageListenerContainer container = new DirectMessageListenerContainer(connections);
    container.setQueueNames(flow.queue());
    container.setPrefetchCount(flow.cell().window());
    container.setAcknowledgeMode(AcknowledgeMode.MANUAL);
    SimpleKafkaHeaderMapper headers = new SimpleKafkaHeaderMapper(AmqpHeaders.MESSAGE_ID);
    headers.setMapAllStringsOut(true);
    return IntegrationFlow.from(Amqp.inboundAdapter(container))
        .handle(
            Kafka.outboundChannelAdapter(kafka)
                .topic(flow.topic())
                .messageKey(
                    message ->
                        text(message.getHeaders(), AmqpHeaders.RECEIVED_ROUTING_KEY)
                            .getBytes(StandardCharsets.UTF_8))
                .headerMapper(headers)
                .sendSuccessChannel("sent")
                .sendFailureChannel("failed"))
        .get();
  }

  private static IntegrationFlow settles(String from, boolean isSent) {
    return IntegrationFlow.from(from).handle(message -> settle(message, isSent)).get();
  }

  private static void settle(Message<?> message, boolean isSent) {
    MessageHeaders headers = source(message).getHeaders();
    Channel channel = Objects.requireNonNull(headers.get(AmqpHeaders.CHANNEL, Channel.class));
    long tag = Objects.requireNonNull(headers.get(AmqpHeaders.DELIVERY_TAG, Long.class));
    try {
      if (isSent) {
        channel.basicAck(tag, false);
      } else {
        channel.basicNack(tag, false, true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message<?> source(Message<?> message) {
    if (message instanceof ErrorMessage error
        && error.getPayload() instanceof MessagingException failure) {
      return Objects.requireNonNull(failure.getFailedMessage());
    }
    return message;
  }

  private static List<?> list(MessageHeaders headers, String name) {
    return Objects.requireNonNull(headers.get(name, List.class));
  }

  private static String text(MessageHeaders headers, String name) {
    return Objects.requireNonNull(headers.get(name, String.class));
  }
}
