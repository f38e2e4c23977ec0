// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.messaging.Consumer;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads this replica's own queue, to which every analysis event comes. The queue is durable and
 * keeps its name, so a cut connection or a restart loses nothing; a replica that never returns
 * leaves a queue that RabbitMQ deletes after a day.
 */
final class EventConsumer implements HealthSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventConsumer.class);
  private static final Duration UNUSED = Duration.ofDays(1);

  private final EventFeed feed;
  private final Consumer consumer;

  EventConsumer(RabbitMessaging rabbit, String instanceName, EventFeed feed) {
    this.feed = feed;
    this.consumer = rabbit.consumer(queue(instanceName)).prefetch(200).start(this::read);
  }

  static Topology.Builder declareIn(Topology.Builder topology, String instanceName) {
    String queue = queue(instanceName);
    return topology
        .fanout(Wire.Exchanges.ANALYSIS_STARTED)
        .fanout(Wire.Exchanges.ANALYSIS_COMPLETED)
        .queue(queue, options -> options.perReplica(UNUSED))
        .bind(Wire.Exchanges.ANALYSIS_STARTED, queue)
        .bind(Wire.Exchanges.ANALYSIS_COMPLETED, queue);
  }

  @Override
  public Health health() {
    return consumer.health();
  }

  @Override
  public void close() {
    consumer.close();
  }

  private static String queue(String instanceName) {
    return "graph-gateway." + instanceName + ".events";
  }

  private void read(Delivery delivery) throws InterruptedException {
    try {
      Optional<AnalysisEvent> event =
          AnalysisEvent.read(
              delivery.exchange(),
              delivery.body(),
              delivery.correlationId().map(CorrelationId::value).orElse(null));
      if (event.isPresent()) {
        feed.take(delivery.messageId(), event.get());
      } else {
        log.warn("{} without objectKey: nobody can own it, dropped", delivery.exchange());
      }
    } catch (MalformedMessageException e) {
      // The same bytes would fail again, and every replica has its own copy to complain about.
      log.warn("{}: dropped what cannot be read", delivery.exchange(), e);
    }
    delivery.ack();
  }
}
