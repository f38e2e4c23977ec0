// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("broker")
class TelemetryTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();

  @Test
  void whatHappensIsCountedInTheFieldsTerms() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    String queue = fresh("work");
    try (RabbitMessaging rabbit =
        RabbitMessaging.open(Fixtures.settings(broker.node()).meters(meters).build())) {
      rabbit.apply(Topology.builder().queue(queue).build());
      Publisher publisher = rabbit.publisher("").build();
      assertThat(publisher.publishAndWait(text("1").routingKey(queue), PATIENCE).isConfirmed())
          .isTrue();
      assertThat(publisher.publishAndWait(text("1").routingKey("nobody"), PATIENCE).isConfirmed())
          .isFalse();
      rabbit
          .consumer(queue)
          .onFailure(RetryPolicy.exponential(Duration.ofMillis(1), 5))
          .start(
              delivery -> {
                if (delivery.attempt() == 1) {
                  delivery.retry();
                } else {
                  delivery.ack();
                }
              });
      await().atMost(PATIENCE).until(() -> consumed(meters, queue, "acked") == 1);
      assertThat(consumed(meters, queue, "retried")).isEqualTo(1);
      assertThat(meters.get("fabric.messaging.published").counter().count()).isEqualTo(2);
      for (String outcome : new String[] {"confirmed", "returned"}) {
        assertThat(
                meters
                    .get("fabric.messaging.publish.outcomes")
                    .tag("outcome", outcome)
                    .counter()
                    .count())
            .isEqualTo(1);
      }
      assertThat(meters.get("fabric.messaging.in.flight").gauge().value()).isZero();
      assertThat(meters.get("fabric.messaging.lag").timer().count()).isEqualTo(2);
      assertThat(meters.get("messaging.process.duration").timer().count()).isEqualTo(2);
      assertThat(
              meters
                  .get("messaging.client.operation.duration")
                  .tag("messaging.operation.name", "publish")
                  .timer()
                  .count())
          .isEqualTo(2);
      broker.node().closeConnections("test");
      await()
          .atMost(PATIENCE)
          .until(() -> meters.find("fabric.messaging.reconnects").counters().size() == 2);
    }
  }

  @Test
  void publishersOfOneExchangeShareAGaugeThatForgetsTheClosedOnes() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (RabbitMessaging rabbit =
        RabbitMessaging.open(Fixtures.settings(broker.node()).meters(meters).build())) {
      String exchange = fresh("nowhere"); // a missing exchange: nothing is ever confirmed
      Publisher one = rabbit.publisher(exchange).republishUnknown().timeout(PATIENCE).build();
      Publisher other = rabbit.publisher(exchange).republishUnknown().timeout(PATIENCE).build();
      var unused = one.publish(text("1"));
      var unused2 = other.publish(text("2"));
      assertThat(meters.get("fabric.messaging.in.flight").gauge().value()).isEqualTo(2);
      one.close(Duration.ZERO);
      assertThat(meters.get("fabric.messaging.in.flight").gauge().value()).isEqualTo(1);
      other.close(Duration.ZERO);
      assertThat(meters.get("fabric.messaging.in.flight").gauge().value()).isZero();
    }
  }

  private static double consumed(SimpleMeterRegistry meters, String queue, String outcome) {
    return meters
        .get("fabric.messaging.consumed")
        .tag("messaging.destination.name", queue)
        .tag("outcome", outcome)
        .counter()
        .count();
  }
}
