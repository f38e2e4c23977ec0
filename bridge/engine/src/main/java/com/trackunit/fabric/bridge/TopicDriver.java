// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a route from topics to an exchange: carries events to the {@link RouteCore} and its commands
 * to the two clients. Only the route's thread touches the core; other threads post to the mailbox.
 */
final class TopicDriver implements ChannelEvents {
  private static final Duration LONGEST_SLEEP = Duration.ofMillis(250);
  private static final Duration COMMIT_EVERY = Duration.ofMillis(100);
  private static final Duration SHORTEST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(TopicDriver.class);

  private final Route route;
  private final RabbitMessaging rabbit;
  private final String bridge;
  private final KafkaSettings kafka;
  private final boolean isFirst;
  private final Map<String, Object> consumerConfig;
  private final RouteThread life;
  private final Ticker ticker;
  private final Mailbox mailbox;
  private final RouteCore<TopicPartition, AmqpMessage> core;
  private final Backoff backoff;

  // The route's thread alone.
  private @Nullable ChannelPort channel;
  private long lag;
  private int consumerFailures;
  private @Nullable RouteException consumerFailure;

  private TopicDriver(
      RouteThread life, String bridge, int worker, RabbitMessaging rabbit, KafkaSettings kafka) {
    this.life = life;
    this.route = life.route();
    this.ticker = life.ticker();
    this.mailbox = life.mailbox();
    this.rabbit = rabbit;
    this.bridge = bridge;
    this.kafka = kafka;
    this.consumerConfig =
        kafka.consumerConfig(
            bridge + "." + route.name(), worker == 0 ? route.name() : route.name() + "-" + worker);
    this.isFirst = worker == 0;
    this.backoff =
        Backoff.exponential(
            SHORTEST_RETRY, LONGEST_RETRY, () -> ThreadLocalRandom.current().nextLong());
    this.core =
        new RouteCore<>(
            "exchange " + route.target(),
            new Window(route.inFlightCount(), route.inFlightBytes()),
            backoff,
            COMMIT_EVERY,
            route.errorPolicy());
  }

  /** A route at rest. */
  static RouteThread thread(
      String bridge, Route route, int worker, RabbitMessaging rabbit, KafkaSettings kafka) {
    return new RouteThread(
        route, Ticker.system(), life -> new TopicDriver(life, bridge, worker, rabbit, kafka).run());
  }

  // ---- the route's thread -----------------------------------------------------------------------

  private void run() {
    String reason = "failed";
    SupervisedChannel opened =
        rabbit.openChannel(ChannelSpec.publishing("bridge " + route.name()), this);
    BackgroundChecks checks =
        BackgroundChecks.start(
            life, kafka.clientConfig(route.name() + "-checks"), bridge + "." + route.name());
    try {
      warn();
      while (life.closeBy() == null) {
        consume();
      }
      reason = "closed";
    } finally {
      checks.close();
      try {
        opened.close();
      } finally {
        mailbox.deliver();
        life.ended(reason, report());
      }
    }
  }

  private void warn() {
    if (isFirst && route.errorPolicy().action() == ErrorPolicy.Action.SKIP) {
      life.warn(List.of("the error policy skips: what RabbitMQ does not take is lost"));
    }
  }

  /** One life of a consumer. */
  @SuppressWarnings("CatchingUnchecked") // whatever it is, a new consumer may do better
  private void consume() {
    KafkaSource source = null;
    try {
      source = KafkaSource.open(consumerConfig, route, core, mailbox, ticker);
      pump(source);
    } catch (RuntimeException e) {
      consumerFailed(e);
    } finally {
      if (source != null) {
        close(source);
      }
    }
    if (consumerFailures > 0) {
      life.sleep(backoff.delay(consumerFailures));
    }
  }

  private void pump(KafkaSource source) {
    while (life.closeBy() == null) {
      mailbox.deliver();
      boolean paused = life.isPaused();
      core.pause(paused);
      core.tick(ticker.nanos());
      obey(source);
      String trouble = core.trouble() == null ? source.trouble() : core.trouble();
      if (trouble == null) {
        consumerFailures = 0;
      }
      lag = source.lag();
      life.report(trouble, this::report);
      if (paused && core.isDrained()) {
        life.drained(this::report);
      }
      source.poll(core.untilDue(LONGEST_SLEEP));
    }
  }

  private void obey(KafkaSource source) {
    RouteCommand<TopicPartition, AmqpMessage> command;
    while ((command = core.next()) != null) {
      if (command instanceof RouteCommand.Publish<TopicPartition, AmqpMessage> publish) {
        publish(publish);
      } else if (command instanceof RouteCommand.Commit<TopicPartition, AmqpMessage> commit) {
        source.commit(commit.offsets());
      } else if (command instanceof RouteCommand.Pause<TopicPartition, AmqpMessage> pause) {
        source.pause(pause.lanes());
      } else if (command instanceof RouteCommand.Resume<TopicPartition, AmqpMessage> resume) {
        source.resume(resume.lanes());
      }
    }
  }

  private void publish(RouteCommand.Publish<TopicPartition, AmqpMessage> publish) {
    ChannelPort port = channel;
    if (port == null) {
      throw new IllegalStateException("bridge: the core publishes before a channel was opened");
    }
    AmqpMessage message = publish.message();
    String exchange = route.target();
    String deadLetters = route.errorPolicy().target();
    if (publish.deadBecause() != null && deadLetters != null) {
      exchange = "";
      message = DeadLetters.toQueue(deadLetters, message, publish.deadBecause());
    }
    try {
      if (message.refusedBecause() != null) {
        core.refused(message.refusedBecause());
      } else {
        core.published(
            port.publish(exchange, message.routingKey(), message.properties(), message.body()));
      }
    } catch (StaleChannelException e) {
      core.closed(e.epoch(), e.toString());
    } catch (IllegalArgumentException e) {
      core.refused(String.valueOf(e.getMessage()));
    }
  }

  private void close(KafkaSource source) {
    Deadline deadline = life.closeBy();
    try {
      if (life.isAbandoned()) {
        source.abandon();
      } else if (deadline != null) {
        life.closing();
        source.close(deadline);
      } else {
        source.close(Deadline.after(LONGEST_RETRY, ticker));
      }
    } catch (KafkaException e) {
      log.warn("{}: its consumer did not close well: {}", route, e.toString());
    }
  }

  private void consumerFailed(RuntimeException e) {
    consumerFailures++;
    consumerFailure =
        new RouteException(
            RouteException.Kind.KAFKA,
            route + ": the Kafka consumer failed (" + e + "); a new one is tried",
            e);
    log.warn("{}: the Kafka consumer failed, trying a new one", route, e);
    life.failed(String.valueOf(consumerFailure.getMessage()), report());
  }

  private RouteThread.Report report() {
    Map<String, Long> committed = new HashMap<>();
    core.committedOffsets()
        .forEach((partition, offset) -> committed.put(partition.toString(), offset));
    RouteException error = core.lastError() == null ? consumerFailure : core.lastError();
    RouteCounts counts = core.counts();
    return new RouteThread.Report(
        counts,
        committed,
        error,
        RouteStatus.Flow.of(
            lag + counts.inFlight() + counts.waiting(),
            RouteThread.age(core.oldestSince(), ticker)));
  }

  // ---- channel events, on the connection's thread
  // -------------------------------------------------

  @Override
  public void opened(ChannelPort port) {
    mailbox.post(
        () -> {
          channel = port;
          core.opened(port.epoch());
        });
  }

  @Override
  public void confirmed(long epoch, long sequence, boolean multiple) {
    mailbox.post(() -> core.confirmed(epoch, sequence, multiple));
  }

  @Override
  public void nacked(long epoch, long sequence, boolean multiple) {
    mailbox.post(() -> core.nacked(epoch, sequence, multiple));
  }

  @Override
  public void returned(
      long epoch,
      int replyCode,
      String replyText,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties) {
    String id = String.valueOf(properties.getMessageId());
    mailbox.post(() -> core.returned(epoch, id, replyCode + " " + replyText));
  }

  @Override
  public void blocked(String reason) {
    mailbox.post(() -> core.blocked(reason));
  }

  @Override
  public void unblocked() {
    mailbox.post(core::unblocked);
  }

  @Override
  public void closed(long epoch, String reason) {
    mailbox.post(() -> core.closed(epoch, reason));
  }
}
