// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** RabbitMQ's own queue under a trace. */
final class RealQueue implements TracedBroker {
  private final Connection connection;
  private final Channel publisher;
  private final Map<String, Channel> channels = new HashMap<>();
  private final Sightings sightings;
  private final String queue = Brokers.fresh("traced");
  private int published;

  RealQueue(Brokers brokers, Duration quiet) throws Exception {
    sightings = new Sightings(quiet);
    connection = brokers.connect();
    publisher = connection.createChannel();
    publisher.confirmSelect();
    publisher.queueDeclare(
        queue,
        true,
        false,
        false,
        Map.of("x-queue-type", "quorum", "x-single-active-consumer", true));
  }

  @Override
  public List<String> does(List<String> words, List<String> expected) throws Exception {
    if (words.get(0).equals("publish")) {
      publish(Integer.parseInt(words.get(1)));
    } else if (words.get(0).equals("consume")) {
      consume(words.get(1), Integer.parseInt(words.get(2)));
    } else {
      Channel channel = Objects.requireNonNull(channels.get(words.get(1)));
      switch (words.get(0)) {
        case "ack" -> channel.basicAck(Long.parseLong(words.get(2)), words.size() > 3);
        case "requeue" -> channel.basicNack(Long.parseLong(words.get(2)), false, true);
        case "close" -> channel.close();
        default -> throw new IllegalArgumentException(words.toString());
      }
    }
    return sightings.take(expected.size());
  }

  private void publish(int messages) throws Exception {
    for (int more = messages; more > 0; more--) {
      byte[] body = String.valueOf(++published).getBytes(UTF_8);
      publisher.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
    }
    publisher.waitForConfirmsOrDie(30_000);
  }

  private void consume(String name, int prefetch) throws Exception {
    Channel channel = connection.createChannel();
    channels.put(name, channel);
    channel.basicQos(prefetch);
    channel.basicConsume(
        queue,
        false,
        (consumer, delivery) ->
            sightings.saw(
                name
                    + " "
                    + delivery.getEnvelope().getDeliveryTag()
                    + ": "
                    + new String(delivery.getBody(), UTF_8)
                    + (delivery.getEnvelope().isRedeliver() ? " again" : "")),
        consumer -> sightings.saw(name + " cancelled"));
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
