// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.Consumer;
import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import com.trackunit.fabric.samples.contracts.MalformedMessageException;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in which the replicas tell each other who owns which upload: a RabbitMQ stream that each
 * of them reads a day back, at start and again after every lost connection. It knows that it has
 * read everything written before, once it has read a marker of its own.
 *
 * <p>Thread-safe.
 */
final class OwnerLog implements HealthSource, AutoCloseable {
  static final String EXCHANGE = "graph-gateway.uploads";
  static final Duration MAX_AGE = Duration.ofHours(24);

  private static final Logger log = LoggerFactory.getLogger(OwnerLog.class);
  private static final String OWNERSHIP = "graph-gateway.upload.v0";
  private static final String MARKER = "graph-gateway.marker.v0";
  private static final Duration MARKER_RETRY = Duration.ofSeconds(2);

  private final Owners owners;
  private final Publisher publisher;
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(FabricThreads.named("gateway", "owner-log"));
  private final Consumer consumer;
  private volatile String awaitedMarker = "";
  private volatile boolean isCaughtUp;

  /** Begins to read; the topology has been applied. */
  OwnerLog(RabbitMessaging rabbit, Owners owners) {
    this.owners = owners;
    this.publisher = rabbit.publisher(EXCHANGE).timeout(Duration.ofSeconds(10)).build();
    this.consumer =
        rabbit
            .consumer(EXCHANGE)
            .prefetch(1000)
            .argument("x-stream-offset", MAX_AGE.toHours() + "h")
            .start(this::read);
    consumer.addStateListener(
        change -> {
          if (change.to() == ResourceState.OPEN) {
            writeMarker();
          } else {
            isCaughtUp = false;
          }
        });
    writeMarker();
  }

  static Topology.Builder declareIn(Topology.Builder topology) {
    return topology
        .fanout(EXCHANGE)
        .queue(EXCHANGE, queue -> queue.stream().maxAge(MAX_AGE))
        .bind(EXCHANGE, EXCHANGE);
  }

  /** Tells every replica; the outcome is that of the publication. */
  CompletionStage<PublishOutcome> write(Ownership ownership) {
    Message message =
        Message.of(ContractCodec.encode(ownership))
            .contentType("application/json")
            .header(Wire.Headers.SCHEMA, OWNERSHIP)
            .header(Wire.Headers.PRODUCER, Wire.Services.GRAPH_GATEWAY)
            .correlationId(new CorrelationId(ownership.correlationId()));
    return publisher.publish(message);
  }

  @Override
  public Health health() {
    return isCaughtUp
        ? Health.up("owner-log", owners.size() + " owners known")
        : Health.down("owner-log", "reading what the other replicas wrote");
  }

  @Override
  public void close() {
    timers.shutdownNow();
    consumer.close();
    publisher.close();
  }

  private void read(Delivery delivery) {
    String schema = delivery.header(Wire.Headers.SCHEMA).orElse("");
    if (schema.equals(OWNERSHIP)) {
      try {
        owners.add(ContractCodec.decode(delivery.body(), Ownership.class));
      } catch (MalformedMessageException e) {
        log.warn("owner log: skipped an entry", e);
      }
    } else if (schema.equals(MARKER)
        && delivery.messageId().filter(awaitedMarker::equals).isPresent()) {
      log.info("owner log: caught up, {} owners known", owners.size());
      isCaughtUp = true;
    }
    delivery.ack();
  }

  private void writeMarker() {
    String marker = UUID.randomUUID().toString();
    isCaughtUp = false;
    awaitedMarker = marker;
    publisher
        .publish(Message.of(new byte[0]).messageId(marker).header(Wire.Headers.SCHEMA, MARKER))
        .whenComplete(
            (outcome, failure) -> {
              // A newer marker takes care of itself.
              if (!timers.isShutdown()
                  && (outcome == null || !outcome.isConfirmed())
                  && awaitedMarker.equals(marker)) {
                log.info("owner log: the marker was not confirmed, writing another");
                var unused =
                    timers.schedule(
                        this::writeMarker, MARKER_RETRY.toMillis(), TimeUnit.MILLISECONDS);
              }
            });
  }
}
