// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One supervised TCP connection. What blocks (connecting, declaring, opening and closing channels)
 * happens on its task queue, one at a time; amqp-client's threads only post to it.
 */
final class RabbitConnection {
  private static final Logger log = LoggerFactory.getLogger(RabbitConnection.class);
  private static final int WRITE_TICKS = 8;

  private final RabbitSettings settings;
  private final Workers workers;
  private final TopologyMemory topology;
  private final Dialer dialer;
  private final Lifecycle lifecycle;
  private final SerialTasks tasks;
  private final Set<ChannelSupervisor> channels = ConcurrentHashMap.newKeySet();
  private final Backoff backoff =
      Backoff.exponential(Duration.ofMillis(200), Duration.ofSeconds(5), new Random());
  private final ScheduledFuture<?> writeWatch;

  private volatile Dialer.@Nullable Line line;
  private volatile @Nullable String blocked;
  private volatile String lastFailure = "not connected yet";
  private volatile @Nullable String topologyProblem;
  private volatile int frameMax;
  private int failures; // only on the task queue
  private final List<Channel> doomed = new ArrayList<>(); // only on the task queue

  RabbitConnection(
      RabbitSettings settings, String purpose, Workers workers, TopologyMemory topology) {
    this.settings = settings;
    this.workers = workers;
    this.topology = topology;
    this.dialer = new Dialer(settings, purpose, workers.pool());
    this.lifecycle = new Lifecycle("rabbitmq:" + purpose, workers.clock(), workers.pool());
    this.tasks = new SerialTasks(workers.pool());
    long tick = Math.max(1, settings.writeTimeout().toMillis() / WRITE_TICKS);
    this.writeWatch =
        workers
            .timer()
            .scheduleWithFixedDelay(this::watchWrites, tick, tick, TimeUnit.MILLISECONDS);
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  /** Connects for the first time, on the caller's thread; tries until the deadline. */
  void open(Deadline deadline) {
    for (int attempt = 1; ; attempt++) {
      try {
        connect(shorter(settings.connectTimeout(), deadline.remaining()));
        return;
      } catch (RabbitUnavailableException e) {
        Duration pause = backoff.delay(attempt);
        if (deadline.remaining().compareTo(pause) <= 0) {
          throw e;
        }
        log.info("{}; next attempt in {}", e.getMessage(), pause);
        pause(pause, e);
      }
    }
  }

  private static void pause(Duration pause, RabbitUnavailableException last) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw last;
    }
  }

  /** What is left, but never less than a live broker needs to answer. */
  static Duration atLeastASecond(Deadline deadline) {
    Duration left = deadline.remaining();
    return left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private void connect(Duration limit) {
    Dialer.Line dialled = dialer.dial(limit);
    Connection connection = dialled.connection();
    connection.addBlockedListener(this::onBlocked, this::onUnblocked);
    try {
      topology.declareAgain(connection);
      topologyProblem = null;
    } catch (TopologyConflictException e) {
      log.error("{}; the connection is used without it", e.getMessage());
      topologyProblem = e.getMessage();
    } catch (RabbitUnavailableException e) {
      dialled.cut();
      throw e;
    }
    failures = 0;
    frameMax = connection.getFrameMax();
    line = dialled;
    if (!lifecycle.moveTo(ResourceState.OPEN, "connected to " + settings.address())) {
      dialled.cut(); // closed meanwhile
      return;
    }
    connection.addShutdownListener(signal -> execute(() -> lost(dialled, signal)));
    channels.forEach(ChannelSupervisor::openSoon);
  }

  private void lost(Dialer.Line ended, ShutdownSignalException signal) {
    if (line != ended) {
      return;
    }
    line = null;
    blocked = null;
    doomed.clear();
    lastFailure = Causes.describe(signal);
    lifecycle.moveTo(ResourceState.RECOVERING, lastFailure);
    connectLater();
  }

  private void connectLater() {
    if (isClosing()) {
      return;
    }
    failures++;
    long delay = backoff.delay(failures).toMillis();
    ScheduledFuture<?> unused =
        workers.timer().schedule(() -> execute(this::reconnect), delay, TimeUnit.MILLISECONDS);
  }

  private void reconnect() {
    if (isClosing() || line != null) {
      return;
    }
    try {
      connect(settings.connectTimeout());
    } catch (FabricException e) {
      lastFailure = String.valueOf(e.getMessage());
      log.info("{}", lastFailure);
      connectLater();
    }
  }

  private boolean isClosing() {
    ResourceState state = lifecycle.state();
    return state == ResourceState.CLOSING || state == ResourceState.CLOSED;
  }

  void execute(Runnable task) {
    tasks.execute(task);
  }

  /**
   * The connection to open a channel on: none while it is away or blocked (it would not answer).
   */
  @Nullable Connection lineForOpening() {
    Dialer.Line now = line;
    return now == null || blocked != null ? null : now.connection();
  }

  /** When the credentials of the live connection end; null for never, or if there is none. */
  @Nullable Instant credentialsEnd() {
    Dialer.Line now = line;
    return now == null ? null : now.expiresAt();
  }

  /** Tells the broker new credentials for the live connection, on the task queue. */
  void tellCredentials(Credentials fresh) {
    execute(
        () -> {
          Dialer.Line now = line;
          if (now == null || blocked != null) {
            return; // the next connection asks for itself; a blocked broker does not answer
          }
          try {
            now.credentials().replace(fresh);
          } catch (Exception e) {
            log.warn("{}: new credentials not taken ({})", lifecycle, Causes.describe(e));
          }
        });
  }

  /** The live connection, to declare on. */
  Connection lineForDeclaring() {
    Dialer.Line now = line;
    if (now == null) {
      throw new RabbitUnavailableException(
          "apply topology: not connected (" + lastFailure + "); try again", null);
    }
    return now.connection();
  }

  /** A queue that was applied here, or null. */
  Topology.@Nullable Queue known(String queue) {
    return topology.known(queue);
  }

  /** Declares a queue that its consumer has found missing, if its topology says so. */
  void recreate(String queue, Connection connection) {
    try {
      topology.recreate(queue, connection);
    } catch (FabricException e) {
      log.info("{}", e.getMessage()); // the consumer asks again
    }
  }

  /** The largest frame, as negotiated last. */
  int frameMax() {
    return frameMax;
  }

  ChannelSupervisor openChannel(ChannelSpec spec, ChannelEvents events) {
    ChannelSupervisor channel = new ChannelSupervisor(spec, events, this, workers);
    channels.add(channel);
    if (isClosing()) {
      channel.close();
      throw new IllegalStateException(spec + ": its RabbitMessaging is closed");
    }
    channel.openSoon();
    return channel;
  }

  void remove(ChannelSupervisor channel) {
    channels.remove(channel);
  }

  Set<ChannelSupervisor> channels() {
    return Set.copyOf(channels);
  }

  /** Why the broker accepts nothing, or null. */
  @Nullable String blocked() {
    return blocked;
  }

  private void onBlocked(String reason) {
    blocked = reason;
    log.warn("{}: blocked by the broker: {}", lifecycle, reason);
    for (ChannelSupervisor channel : channels) {
      ChannelEpoch epoch = channel.current();
      if (epoch != null) {
        epoch.tell((to, number) -> to.blocked(reason));
      }
    }
  }

  private void onUnblocked() {
    blocked = null;
    log.info("{}: no longer blocked", lifecycle);
    execute(this::discardDoomed);
    for (ChannelSupervisor channel : channels) {
      ChannelEpoch epoch = channel.current();
      if (epoch != null) {
        epoch.tell((to, number) -> to.unblocked());
      }
      channel.openSoon();
    }
  }

  private void watchWrites() {
    for (ChannelSupervisor channel : channels) {
      ChannelEpoch epoch = channel.current();
      if (epoch != null && epoch.watch().ticksInWrite() > WRITE_TICKS) {
        sever("a write took longer than " + settings.writeTimeout());
        return;
      }
    }
  }

  /** Cuts the live connection; the reader thread notices, and recovery begins. */
  void sever(String reason) {
    Dialer.Line now = line;
    if (now != null) {
      log.info("{}: cut ({})", lifecycle, reason);
      workers.pool().execute(now::cut);
    }
  }

  /**
   * Closes a channel on the task queue; a blocked broker would not answer, so it waits for that.
   */
  void discardLater(Channel channel) {
    if (channel.isOpen()) {
      execute(() -> discard(channel));
    }
  }

  private void discard(Channel channel) {
    if (blocked != null) {
      doomed.add(channel);
      return;
    }
    long limit = settings.rpcTimeout().toMillis();
    ScheduledFuture<?> watch =
        workers.timer().schedule(this::unanswered, limit, TimeUnit.MILLISECONDS);
    try {
      channel.abort();
    } catch (IOException | AlreadyClosedException e) {
      log.debug("channel {}: {}", channel, e.toString()); // closed already
    } finally {
      watch.cancel(false);
    }
  }

  /**
   * Opening or closing a channel got no answer in time. Heartbeats are no sign of life then: a
   * broker sends them also from a connection that it has stopped reading (RabbitMQ 3.10 did, when a
   * quorum queue was deleted under a publisher). A blocked one goes on by itself.
   */
  void unanswered() {
    if (blocked == null) {
      sever("no answer about a channel within " + settings.rpcTimeout());
    }
  }

  private void discardDoomed() {
    List<Channel> all = List.copyOf(doomed);
    doomed.clear();
    all.forEach(this::discard);
  }

  Duration rpcTimeout() {
    return settings.rpcTimeout();
  }

  /** Waits until the channels discarded before are closed, at most for the RPC timeout. */
  void flushDiscards(Duration limit) {
    if (line == null) {
      return; // they went with the connection, and a connection attempt is not worth waiting for
    }
    CountDownLatch done = new CountDownLatch(1);
    execute(done::countDown);
    await(done, shorter(limit, settings.rpcTimeout()));
  }

  /** True if it was counted down in time. */
  static boolean await(CountDownLatch done, Duration limit) {
    try {
      return done.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  Health health() {
    Health health = lifecycle.health();
    String reason = blocked;
    String problem = topologyProblem;
    if (!health.isUp()) {
      return Health.down(health.name(), health.detail() + "; last seen: " + lastFailure);
    }
    if (reason != null) {
      return Health.down(health.name(), "blocked by the broker: " + reason);
    }
    return problem == null ? health : Health.down(health.name(), problem);
  }

  /** Closes for good; its channels have been closed before. */
  void close(Deadline deadline) {
    if (!lifecycle.moveTo(ResourceState.CLOSING, "closed by its owner")) {
      return;
    }
    writeWatch.cancel(false);
    Dialer.Line now = line;
    if (now != null) {
      // A blocked broker does not answer; any other deserves a moment.
      Duration limit = blocked == null ? atLeastASecond(deadline) : Duration.ofMillis(1);
      int millis = Math.toIntExact(shorter(limit, settings.rpcTimeout()).toMillis());
      CountDownLatch done = new CountDownLatch(1);
      workers
          .pool()
          .execute(
              () -> {
                now.connection().abort(millis);
                done.countDown();
              });
      if (!await(done, Duration.ofMillis(millis))) {
        now.cut();
      }
    }
    line = null;
    lifecycle.moveTo(ResourceState.CLOSED, "closed by its owner");
  }
}
