// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.result;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.MDC;

@Tag("broker")
class ObservationsTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private final String first = fresh("first");
  private final String second = fresh("second");
  private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();

  @BeforeEach
  void declare() {
    broker
        .rabbit()
        .apply(
            Topology.builder()
                .queue(first, QueueOptions::classic)
                .queue(second, QueueOptions::classic)
                .build());
  }

  @AfterEach
  void forget() {
    MDC.clear();
  }

  @Test
  void correlationAndTraceTravelFromAHandlerIntoWhatItPublishes() throws Exception {
    RabbitMessaging rabbit = broker.rabbit();
    Publisher publisher = rabbit.publisher("").build();
    BlockingQueue<String> logged = new LinkedBlockingQueue<>();
    rabbit
        .consumer(first)
        .start(
            delivery -> {
              logged.add(MDC.get(CorrelationId.HEADER) + " " + MDC.get(TraceParent.HEADER));
              var unused =
                  publisher.publishAndWait(text(text(delivery)).routingKey(second), PATIENCE);
              delivery.ack();
            });
    rabbit
        .consumer(second)
        .start(
            delivery -> {
              arrived.add(delivery);
              delivery.ack();
            });
    CorrelationId id = CorrelationId.random();
    TraceParent trace = TraceParent.random();
    var unused =
        result(publisher.publish(text("1").routingKey(first).correlationId(id).traceParent(trace)));
    Delivery forwarded = next();
    assertThat(forwarded.correlationId()).contains(id);
    assertThat(forwarded.traceParent()).contains(trace);
    assertThat(logged.take()).isEqualTo(id + " " + trace);

    // The next delivery on that thread brings nothing, and finds nothing.
    var unused2 = result(publisher.publish(text("2").routingKey(first)));
    assertThat(next().headers()).isEmpty();
    assertThat(logged.take()).isEqualTo("null null");
  }

  @Test
  void whatAMessageSaysItselfStaysAndWhatIsNoIdIsNotSent() throws Exception {
    RabbitMessaging rabbit = broker.rabbit();
    Publisher publisher = rabbit.publisher("").build();
    rabbit
        .consumer(first)
        .start(
            delivery -> {
              arrived.add(delivery);
              delivery.ack();
            });
    MDC.put(CorrelationId.HEADER, "of the thread");
    MDC.put(TraceParent.HEADER, "no trace");
    var unused = result(publisher.publish(text("1").routingKey(first)));
    assertThat(next().headers()).isEmpty();
    MDC.put(CorrelationId.HEADER, "of-the-thread");
    CorrelationId own = CorrelationId.random();
    var unused2 = result(publisher.publish(text("2").routingKey(first).correlationId(own)));
    assertThat(next().correlationId()).contains(own);
    var unused3 = result(publisher.publish(text("3").routingKey(first)));
    assertThat(next().correlationId()).contains(new CorrelationId("of-the-thread"));
  }

  @Test
  void anObserverSeesBothSidesInOpenTelemetrysNamesAndItsTraceTravels() throws Exception {
    Tracer tracer = new Tracer();
    ObservationRegistry registry = ObservationRegistry.create();
    registry.observationConfig().observationHandler(tracer);
    try (RabbitMessaging rabbit =
        RabbitMessaging.open(Fixtures.settings(broker.node()).observations(registry).build())) {
      Publisher publisher = rabbit.publisher("").build();
      rabbit
          .consumer(first)
          .onFailure(RetryPolicy.exponential(Duration.ofMillis(1), 5))
          .start(
              delivery -> {
                if (delivery.attempt() == 1) {
                  throw new IllegalStateException("not yet");
                }
                arrived.add(delivery);
                delivery.ack();
              });
      Message message = text("12345").routingKey(first).messageId("m1");
      assertThat(result(publisher.publish(message)).isConfirmed()).isTrue();
      assertThat(next().traceParent()).contains(Tracer.OURS);
      assertThat(result(publisher.publish(text("?").routingKey("nobody"))).isConfirmed()).isFalse();
      await().atMost(PATIENCE).until(() -> tracer.ended.size() == 4);
    }
    assertThat(tracer.received).containsOnly(Tracer.OURS.value());
    Map<String, String> published = tracer.ended("publish ", 0);
    assertThat(published)
        .containsEntry("messaging.system", "rabbitmq")
        .containsEntry("messaging.operation.name", "publish")
        .containsEntry("messaging.operation.type", "send")
        .containsEntry("messaging.destination.name", "")
        .containsEntry("messaging.rabbitmq.destination.routing_key", first)
        .containsEntry("messaging.message.id", "m1")
        .containsEntry("messaging.message.body.size", "5")
        .containsEntry("outcome", "confirmed");
    assertThat(tracer.ended("publish ", 1)).containsEntry("outcome", "returned");
    Map<String, String> failed = tracer.ended("process " + first, 0);
    assertThat(failed)
        .containsEntry("messaging.operation.type", "process")
        .containsEntry("messaging.destination.name", first)
        .containsEntry("messaging.message.id", "m1")
        .containsEntry("error", "not yet")
        .containsKey("messaging.rabbitmq.message.delivery_tag");
    assertThat(tracer.ended("process " + first, 1)).doesNotContainKey("error");
  }

  private Delivery next() throws InterruptedException {
    Delivery delivery = arrived.poll(60, TimeUnit.SECONDS);
    assertThat(delivery).isNotNull();
    return delivery;
  }

  /** As tracing does: writes its header into what is sent, reads it from what is received. */
  private static final class Tracer implements ObservationHandler<Observation.Context> {
    static final TraceParent OURS = TraceParent.random();
    private final List<Observation.Context> ended = new CopyOnWriteArrayList<>();
    private final List<String> received = new CopyOnWriteArrayList<>();

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }

    @Override
    public void onStart(Observation.Context context) {
      if (context instanceof SenderContext<?> sender) {
        inject(sender);
      } else if (context instanceof ReceiverContext<?> receiver) {
        received.add(extract(receiver));
      }
    }

    private static <C> void inject(SenderContext<C> sender) {
      sender.getSetter().set(sender.getCarrier(), TraceParent.HEADER, OURS.value());
    }

    private static <C> String extract(ReceiverContext<C> receiver) {
      C carrier = Objects.requireNonNull(receiver.getCarrier());
      return String.valueOf(receiver.getGetter().get(carrier, TraceParent.HEADER));
    }

    @Override
    public void onStop(Observation.Context context) {
      ended.add(context);
    }

    Map<String, String> ended(String name, int which) {
      Observation.Context context =
          ended.stream()
              .filter(one -> name.equals(one.getContextualName()))
              .skip(which)
              .findFirst()
              .orElseThrow();
      Map<String, String> seen =
          context.getAllKeyValues().stream()
              .collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
      if (context.getError() != null) {
        seen.put("error", String.valueOf(context.getError().getMessage()));
      }
      return seen;
    }
  }
}
