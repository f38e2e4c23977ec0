// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one route: a thread that carries events to the {@link RouteCore} and its commands to the two
 * clients. Only that thread touches the core; other threads post to the mailbox, or read the
 * status.
 */
final class RouteDriver implements ChannelEvents {
  private static final Duration LONGEST_SLEEP = Duration.ofMillis(250);
  private static final Duration COMMIT_EVERY = Duration.ofMillis(100);
  private static final Duration STANDSTILL = Duration.ofMinutes(1);
  private static final long STATUS_EVERY_NANOS = Duration.ofMillis(50).toNanos();
  private static final Duration SHORTEST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(RouteDriver.class);

  private final Route route;
  private final RabbitMessaging rabbit;
  private final Map<String, Object> consumerConfig;
  private final Ticker ticker = Ticker.system();
  private final Mailbox mailbox = new Mailbox();
  private final RouteCore<TopicPartition, AmqpMessage> core;
  private final Backoff backoff;
  private final Lifecycle lifecycle;
  private final Thread thread;

  // The route's thread alone.
  private @Nullable ChannelPort channel;
  private int consumerFailures;
  private @Nullable RouteException consumerFailure;
  private long statusAt;

  private volatile RouteStatus status;
  private volatile long lastTurn = ticker.nanos();
  private volatile @Nullable Deadline closeBy;
  private volatile boolean abandoned;

  RouteDriver(String bridge, Route route, RabbitMessaging rabbit, KafkaSettings kafka) {
    this.route = route;
    this.rabbit = rabbit;
    this.consumerConfig = kafka.consumerConfig(bridge + "." + route.name(), route.name());
    this.backoff =
        Backoff.exponential(
            SHORTEST_RETRY, LONGEST_RETRY, () -> ThreadLocalRandom.current().nextLong());
    this.core =
        new RouteCore<>(
            "exchange " + route.exchange(),
            new Window(route.inFlightCount(), route.inFlightBytes()),
            backoff,
            COMMIT_EVERY);
    this.lifecycle = new Lifecycle("route " + route.name(), Clock.systemUTC(), Runnable::run);
    this.status =
        new RouteStatus(
            route, ResourceState.OPENING, "not started", RouteCounts.NONE, Map.of(), null);
    this.thread = FabricThreads.named("bridge", route.name()).newThread(this::run);
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  RouteStatus status() {
    return status;
  }

  Health health() {
    String name = "route " + route.name();
    RouteStatus seen = status;
    Duration still = Duration.ofNanos(ticker.nanos() - lastTurn);
    if (thread.isAlive() && still.compareTo(STANDSTILL) > 0) {
      return Health.down(name, "its thread has not come round for " + still.toSeconds() + " s");
    }
    return lifecycle.state() == ResourceState.OPEN
        ? Health.up(name, seen.toString())
        : Health.down(name, lifecycle.state() + ": " + seen.detail());
  }

  void start() {
    lastTurn = ticker.nanos();
    thread.start();
  }

  /** Asks the route to drain and end before a deadline; {@link #join} waits for it. */
  void close(Deadline deadline) {
    closeBy = deadline;
    mailbox.post(() -> {});
  }

  /** Ends the route as a kill would: nothing more is confirmed or committed. */
  void abandon() {
    abandoned = true;
    close(Deadline.after(Duration.ZERO, ticker));
  }

  /**
   * Waits for the route's end.
   *
   * @return false if it has not ended in time
   */
  boolean join(Duration atMost) throws InterruptedException {
    if (atMost.toMillis() > 0) {
      thread.join(atMost.toMillis());
    }
    return !thread.isAlive();
  }

  /** The last resort, for a thread that does not end: it may be inside a client's call. */
  void interrupt() {
    thread.interrupt();
  }

  // ---- the route's thread -----------------------------------------------------------------------

  private void run() {
    String reason = "failed";
    SupervisedChannel opened =
        rabbit.openChannel(ChannelSpec.publishing("bridge " + route.name()), this);
    try {
      while (closeBy == null) {
        consume();
      }
      reason = "closed";
    } finally {
      try {
        opened.close();
      } finally {
        mailbox.deliver();
        lifecycle.moveTo(ResourceState.CLOSED, reason);
        publishStatus(reason);
      }
    }
  }

  /** One life of a consumer. */
  @SuppressWarnings("CatchingUnchecked") // whatever it is, a new consumer may do better
  private void consume() {
    KafkaSource source = null;
    try {
      source = KafkaSource.open(consumerConfig, route.topic(), core, mailbox, ticker);
      pump(source);
    } catch (RuntimeException e) {
      consumerFailed(e);
    } finally {
      if (source != null) {
        close(source);
      }
    }
    if (consumerFailures > 0) {
      sleep(backoff.delay(consumerFailures));
    }
  }

  private void pump(KafkaSource source) {
    while (closeBy == null) {
      mailbox.deliver();
      core.tick(ticker.nanos());
      obey(source);
      report(source);
      source.poll(core.untilDue(LONGEST_SLEEP));
    }
  }

  private void obey(KafkaSource source) {
    RouteCommand<TopicPartition, AmqpMessage> command;
    while ((command = core.next()) != null) {
      if (command instanceof RouteCommand.Publish<TopicPartition, AmqpMessage> publish) {
        publish(publish.message());
      } else if (command instanceof RouteCommand.Commit<TopicPartition, AmqpMessage> commit) {
        source.commit(commit.offsets());
      } else if (command instanceof RouteCommand.Pause<TopicPartition, AmqpMessage> pause) {
        source.pause(pause.lanes());
      } else if (command instanceof RouteCommand.Resume<TopicPartition, AmqpMessage> resume) {
        source.resume(resume.lanes());
      }
    }
  }

  private void publish(AmqpMessage message) {
    ChannelPort port = channel;
    if (port == null) {
      throw new IllegalStateException("bridge: the core publishes before a channel was opened");
    }
    try {
      core.published(
          port.publish(
              route.exchange(), message.routingKey(), message.properties(), message.body()));
    } catch (StaleChannelException e) {
      core.closed(e.epoch(), e.toString());
    } catch (IllegalArgumentException e) {
      core.refused(String.valueOf(e.getMessage()));
    }
  }

  private void close(KafkaSource source) {
    Deadline deadline = closeBy;
    try {
      if (abandoned) {
        source.abandon();
      } else if (deadline != null) {
        lifecycle.moveTo(ResourceState.CLOSING, "close was called");
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
    lifecycle.moveTo(ResourceState.RECOVERING, String.valueOf(consumerFailure.getMessage()));
    publishStatus(String.valueOf(consumerFailure.getMessage()));
  }

  private void sleep(Duration pause) {
    Deadline end = Deadline.after(pause, ticker);
    while (closeBy == null && !end.hasPassed()) {
      lastTurn = ticker.nanos();
      mailbox.await(end.remaining());
      mailbox.deliver();
    }
  }

  private void report(KafkaSource source) {
    lastTurn = ticker.nanos();
    String trouble = core.trouble() == null ? source.trouble() : core.trouble();
    boolean changed;
    if (trouble == null) {
      consumerFailures = 0;
      changed = lifecycle.moveTo(ResourceState.OPEN, "records move");
    } else {
      // A route that has not been open yet is still OPENING; its status tells why.
      changed =
          lifecycle.state() == ResourceState.OPEN
              && lifecycle.moveTo(ResourceState.RECOVERING, trouble);
    }
    if (changed || lastTurn - statusAt >= STATUS_EVERY_NANOS) {
      publishStatus(trouble == null ? "ok" : trouble);
    }
  }

  private void publishStatus(String detail) {
    statusAt = ticker.nanos();
    Map<String, Long> committed = new HashMap<>();
    core.committedOffsets()
        .forEach((partition, offset) -> committed.put(partition.toString(), offset));
    RouteException error = core.lastError() == null ? consumerFailure : core.lastError();
    status = new RouteStatus(route, lifecycle.state(), detail, core.counts(), committed, error);
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
