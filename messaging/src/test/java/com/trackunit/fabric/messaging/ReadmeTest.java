// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.result;
import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.PublishOutcome.Confirmed;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
class ReadmeTest {
  private final BlockingQueue<Delivery> handled = new LinkedBlockingQueue<>();

  @Test
  @Tag("broker")
  void theyCarryAMessage() throws Exception {
    try (RabbitMqNode node = RabbitMqNode.start()) {
      useIt(node.host(), node.port(), node.user(), node.password());
    }
  }

  private void useIt(String host, int port, String user, Secret password) throws Exception {
    byte[] bytes = "hello".getBytes(StandardCharsets.UTF_8);
    CorrelationId id = CorrelationId.random();
    RabbitMessaging rabbit =
        RabbitMessaging.open(RabbitSettings.builder(host, user, password).port(port).build());
    rabbit.apply(Topology.builder().fanout("events").queue("work").bind("events", "work").build());
    Consumer consumer =
        rabbit
            .consumer("work")
            .start(
                delivery -> {
                  handle(delivery);
                  delivery.ack();
                });
    Publisher publisher = rabbit.publisher("events").build();
    CompletionStage<PublishOutcome> outcome =
        publisher.publish(Message.of(bytes).correlationId(id));

    try (rabbit) {
      assertThat(result(outcome)).isEqualTo(new Confirmed());
      Delivery delivery = handled.poll(60, TimeUnit.SECONDS);
      assertThat(delivery).isNotNull();
      assertThat(delivery.correlationId()).contains(id);
      assertThat(consumer.close(Fixtures.PATIENCE).isClean()).isTrue();
    }
  }

  private void handle(Delivery delivery) {
    handled.add(delivery);
  }
}
