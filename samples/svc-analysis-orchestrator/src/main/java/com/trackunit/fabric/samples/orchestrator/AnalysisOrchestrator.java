// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.messaging.Consumer;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three consumers and two publishers: each message is acked after the event that follows from it is
 * confirmed. Replicas work side by side on the same queues. Thread-safe.
 */
final class AnalysisOrchestrator implements BackgroundService.Work {
  private static final Logger log = LoggerFactory.getLogger(AnalysisOrchestrator.class);
  private static final int PREFETCH = 50;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

  /**
   * Counts lost connections and crashed replicas, not our waiting for the broker. It must be out of
   * reach of a few broker restarts in a row.
   */
  private static final int DELIVERY_LIMIT = 20;

  private final RabbitMessaging rabbit;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final List<Consumer> consumers = new ArrayList<>();

  private AnalysisOrchestrator(RabbitMessaging rabbit) {
    this.rabbit = rabbit;
  }

  /** Declares, then consumes. The caller closes it. */
  static AnalysisOrchestrator open(RabbitSettings settings) {
    RabbitMessaging rabbit = RabbitMessaging.open(settings);
    AnalysisOrchestrator orchestrator = new AnalysisOrchestrator(rabbit);
    try {
      rabbit.apply(topology());
      Reactions.warmUp();
      orchestrator.start();
      return orchestrator;
    } catch (RuntimeException e) {
      orchestrator.close();
      throw e;
    }
  }

  static Topology topology() {
    Topology.Builder topology =
        Topology.builder()
            .fanout(Wire.Exchanges.IMAGE_UPLOADED)
            .fanout(Wire.Exchanges.RECOGNITION_COMPLETED)
            .fanout(Wire.Exchanges.ANALYSIS_STARTED)
            .fanout(Wire.Exchanges.ANALYSIS_COMPLETED)
            .direct(Wire.Exchanges.ANALYSIS_COMMANDS)
            .queue(Wire.Queues.ORCHESTRATOR_DEAD);
    for (String queue :
        List.of(
            Wire.Queues.ORCHESTRATOR_IMAGE_UPLOADED,
            Wire.Queues.ORCHESTRATOR_RECOGNITION_COMPLETED,
            Wire.Queues.ORCHESTRATOR_ANALYSIS_COMMANDS)) {
      topology.queue(
          queue,
          options ->
              options
                  .quorum()
                  .deliveryLimit(DELIVERY_LIMIT)
                  .deadLetterTo(Wire.Queues.ORCHESTRATOR_DEAD));
    }
    return topology
        .bind(Wire.Exchanges.IMAGE_UPLOADED, Wire.Queues.ORCHESTRATOR_IMAGE_UPLOADED)
        .bind(Wire.Exchanges.RECOGNITION_COMPLETED, Wire.Queues.ORCHESTRATOR_RECOGNITION_COMPLETED)
        .bind(
            Wire.Exchanges.ANALYSIS_COMMANDS,
            Wire.Queues.ORCHESTRATOR_ANALYSIS_COMMANDS,
            Wire.RoutingKeys.ANALYSIS_REQUEST)
        .build();
  }

  private void start() {
    Announcer started = announcer(Wire.Exchanges.ANALYSIS_STARTED);
    Announcer completed = announcer(Wire.Exchanges.ANALYSIS_COMPLETED);
    consume(Wire.Queues.ORCHESTRATOR_IMAGE_UPLOADED, Reactions::onImageUploaded, started);
    consume(Wire.Queues.ORCHESTRATOR_ANALYSIS_COMMANDS, Reactions::onRequestAnalysis, started);
    consume(
        Wire.Queues.ORCHESTRATOR_RECOGNITION_COMPLETED,
        Reactions::onRecognitionCompleted,
        completed);
  }

  private Announcer announcer(String exchange) {
    return Announcer.to(exchange, rabbit.publisher(exchange).build(), stopping);
  }

  private void consume(
      String queue, BiFunction<byte[], Envelope, Message> reaction, Announcer announcer) {
    consumers.add(
        rabbit
            .consumer(queue)
            .prefetch(PREFETCH)
            .start(delivery -> handle(queue, delivery, reaction, announcer)));
  }

  private static void handle(
      String queue,
      Delivery delivery,
      BiFunction<byte[], Envelope, Message> reaction,
      Announcer announcer)
      throws InterruptedException {
    Envelope envelope = Envelope.of(delivery);
    String id = envelope.messageId().orElse("without id");
    String correlation = envelope.correlationId().map(Object::toString).orElse("-");
    Message event;
    try {
      event = reaction.apply(delivery.body(), envelope);
    } catch (MalformedMessageException e) {
      // The consumer logs it; nothing of the body is in it.
      var unused = delivery.deadLetter("[" + correlation + "] " + e.getMessage());
      return;
    }
    if (announcer.announce(event)) {
      var result = delivery.ack();
      log.info(
          "{}: {} [{}] answered by {} ({})",
          queue,
          id,
          correlation,
          event.messageId().orElse("an event without id"),
          result);
    } else {
      var unused = delivery.release();
    }
  }

  @Override
  public Health health() {
    List<Health> parts = new ArrayList<>();
    parts.add(rabbit.health());
    consumers.forEach(consumer -> parts.add(consumer.health()));
    return Health.of(Wire.Services.ANALYSIS_ORCHESTRATOR, parts);
  }

  /** Ends the waiting of the handlers first, so that none holds a message past the timeout. */
  @Override
  public void close() {
    stopping.countDown();
    rabbit.close(CLOSE_TIMEOUT);
  }
}
