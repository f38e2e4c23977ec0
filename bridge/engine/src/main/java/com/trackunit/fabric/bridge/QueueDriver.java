// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitUnavailableException;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a route from a queue to a topic: carries events to the {@link QueueCore} and its commands to
 * the two clients. Only the route's thread touches the core; other threads post to the mailbox.
 */
final class QueueDriver implements ChannelEvents {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
  private static final Duration LONGEST_SLEEP = Duration.ofMillis(250);
  private static final Duration SHORTEST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(QueueDriver.class);

  private final RouteThread life;
  private final Route route;
  private final RabbitMessaging rabbit;
  private final Ticker ticker;
  private final Mailbox mailbox;
  private final DeliveryMapping mapping;
  private final QueueCore<KafkaMessage> core;
  private final KafkaSink sink;
  private final Map<String, Object> adminConfig;

  // The route's thread alone.
  private @Nullable ChannelPort channel;
  private @Nullable RouteException refusal;

  private QueueDriver(
      RouteThread life,
      RabbitMessaging rabbit,
      SinkClients clients,
      Map<String, Object> adminConfig) {
    this.adminConfig = adminConfig;
    this.life = life;
    this.route = life.route();
    this.rabbit = rabbit;
    this.ticker = life.ticker();
    this.mailbox = life.mailbox();
    this.mapping = new DeliveryMapping(route, rabbit.virtualHost());
    this.core =
        new QueueCore<>(
            "topic " + route.target(),
            new Window(route.inFlightCount(), route.inFlightBytes()),
            Backoff.exponential(
                SHORTEST_RETRY, LONGEST_RETRY, () -> ThreadLocalRandom.current().nextLong()),
            rules());
    this.sink = new KafkaSink(life, clients, core);
  }

  /** A route at rest. */
  static RouteThread thread(
      String bridge, Route route, RabbitMessaging rabbit, KafkaSettings kafka) {
    return new RouteThread(
        route,
        Ticker.system(),
        life ->
            new QueueDriver(
                    life,
                    rabbit,
                    SinkClients.of(bridge, route, kafka),
                    kafka.clientConfig(route.name() + "-checks"))
                .run());
  }

  private QueueRules rules() {
    return route.isEffectivelyOnce()
        // Half a prefetch: the broker sends the next ones while a transaction is committed.
        ? new QueueRules(
            true,
            Math.max(1, route.inFlightCount() / 2),
            route.refusesMissingIds(),
            route.errorPolicy())
        : QueueRules.atLeastOnce(route.errorPolicy());
  }

  // ---- the route's thread -----------------------------------------------------------------------

  private void run() {
    String reason = "failed";
    if (route.isEffectivelyOnce() && !route.refusesMissingIds()) {
      log.info("{}: messages without a message id pass at least once, not effectively once", route);
    }
    BackgroundChecks checks = BackgroundChecks.start(life, adminConfig, null);
    try {
      while (life.closeBy() == null && !isSuitable()) {
        life.sleep(LOOK_AGAIN);
      }
      if (life.closeBy() == null) {
        move();
      }
      reason = "closed";
    } finally {
      checks.close();
      mailbox.deliver();
      sink.close();
      life.ended(reason, report());
    }
  }

  /** Whether the queue can keep what the route promises, as far as can be known. */
  private boolean isSuitable() {
    try {
      StartupChecks.Findings findings = StartupChecks.ofQueue(route, rabbit);
      refusal = findings.refusal();
      if (refusal == null) {
        life.warn(findings.warnings());
        return true;
      }
      log.error("{}", String.valueOf(refusal.getMessage()));
      life.failed(String.valueOf(refusal.getMessage()), report());
      return false;
    } catch (RabbitUnavailableException e) {
      life.failed("RabbitMQ cannot be asked about the queue: " + e.getMessage(), report());
      return false;
    }
  }

  private void move() {
    SupervisedChannel opened =
        rabbit.openChannel(
            ChannelSpec.consuming(
                "bridge " + route.name(), route.source(), route.inFlightCount(), Map.of()),
            this);
    try {
      while (life.closeBy() == null) {
        boolean paused = life.isPaused();
        turn(paused);
        life.report(core.trouble(), this::report);
        if (paused && core.isDrained()) {
          life.drained(this::report);
        }
        mailbox.await(core.untilDue(LONGEST_SLEEP));
      }
      drain();
    } finally {
      // Without cancel, nack or release: what was not acknowledged comes again in its order.
      opened.close();
    }
  }

  private void turn(boolean paused) {
    mailbox.deliver();
    core.pause(paused);
    core.tick(ticker.nanos());
    QueueCommand<KafkaMessage> command;
    while ((command = core.next()) != null) {
      obey(command);
    }
  }

  /** Settles what has been sent, for three quarters of the time; the rest is for closing. */
  private void drain() {
    Deadline deadline = life.closeBy();
    if (life.isAbandoned() || deadline == null) {
      return;
    }
    life.closing();
    Deadline drainBy = Deadline.after(deadline.remaining().multipliedBy(3).dividedBy(4), ticker);
    turn(true);
    while (!core.isDrained() && !drainBy.hasPassed()) {
      mailbox.await(core.untilDue(drainBy.remaining()));
      turn(true);
    }
  }

  private void obey(QueueCommand<KafkaMessage> command) {
    ChannelPort port = channel;
    if (command instanceof QueueCommand.Send<KafkaMessage> send) {
      sink.send(send);
    } else if (command instanceof QueueCommand.Ack<KafkaMessage> ack && port != null) {
      acknowledge(port, ack);
    } else if (command instanceof QueueCommand.Commit<KafkaMessage> commit) {
      sink.commit(commit.life());
    } else if (command instanceof QueueCommand.Abort<KafkaMessage> abort) {
      sink.abort(abort.life());
    } else if (command instanceof QueueCommand.OpenProducer<KafkaMessage> open && port != null) {
      sink.open(open.life(), port);
    } else if (command instanceof QueueCommand.CloseProducer<KafkaMessage> close) {
      sink.closeProducer(close.life());
    } else if (command instanceof QueueCommand.AbandonChannel<KafkaMessage> abandon
        && port != null
        && port.epoch() == abandon.epoch()) {
      port.abandon(abandon.reason());
    }
  }

  private void acknowledge(ChannelPort port, QueueCommand.Ack<KafkaMessage> ack) {
    try {
      port.ack(ack.tag(), ack.multiple());
    } catch (StaleChannelException e) {
      core.closed(e.epoch(), e.toString());
    }
  }

  private RouteThread.Report report() {
    RouteCounts counts = core.counts();
    return new RouteThread.Report(
        counts,
        Map.of(),
        refusal == null ? core.lastError() : refusal,
        RouteStatus.Flow.of(
            counts.inFlight() + (long) counts.waiting(),
            RouteThread.age(core.oldestSince(), ticker)));
  }

  // ---- channel events, on the connection's threads ----------------------------------------------

  @Override
  public void opened(ChannelPort port) {
    mailbox.post(
        () -> {
          channel = port;
          core.opened(port.epoch());
        });
  }

  @Override
  public void delivered(
      long epoch,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body) {
    DeliveryView delivery = new DeliveryView(exchange, routingKey, properties, body);
    mailbox.add(() -> core.delivered(epoch, deliveryTag, redelivered, mapping.map(delivery, body)));
  }

  @Override
  public void batchDelivered(long epoch) {
    mailbox.wake();
  }

  @Override
  public void closed(long epoch, String reason) {
    mailbox.post(() -> core.closed(epoch, reason));
  }
}
