// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ChannelContinuationTimeoutException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import com.trackunit.fabric.messaging.channel.SupervisedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one channel open: opens its epochs one after the other on its connection's task queue, each
 * only after the {@code closed} event of the one before.
 */
final class ChannelSupervisor implements SupervisedChannel {
  private static final Logger log = LoggerFactory.getLogger(ChannelSupervisor.class);
  private static final long STABLE_NANOS = Duration.ofSeconds(5).toNanos();

  private final ChannelSpec spec;
  private final ChannelEvents events;
  private final RabbitConnection connection;
  private final Workers workers;
  private final Lifecycle lifecycle;
  private final Backoff backoff =
      Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(5), new Random());
  private final DeletionNotice deletionNotice = new DeletionNotice();
  private final CountDownLatch closed = new CountDownLatch(1);

  private final Object lock = new Object();
  private @Nullable ChannelEpoch current; // guarded by lock; null between two epochs
  private boolean closing; // guarded by lock
  private long lastEpoch; // guarded by lock
  private long openedAt; // guarded by lock
  private int failures; // guarded by lock
  private volatile String lastFailure = "not opened yet";
  private @Nullable String consumerTag; // only on the connection's task queue

  ChannelSupervisor(
      ChannelSpec spec, ChannelEvents events, RabbitConnection connection, Workers workers) {
    this.spec = spec;
    this.events = events;
    this.connection = connection;
    this.workers = workers;
    this.lifecycle = new Lifecycle("rabbitmq:" + spec.name(), workers.clock(), workers.pool());
  }

  @Override
  public ResourceState state() {
    return lifecycle.state();
  }

  @Override
  public void addStateListener(StateListener listener) {
    lifecycle.addListener(listener);
  }

  @Override
  public Health health() {
    Health health = lifecycle.health();
    return health.isUp()
        ? health
        : Health.down(health.name(), health.detail() + "; last seen: " + lastFailure);
  }

  /** The live epoch, for the connection's blocked events and its write watch. */
  @Nullable ChannelEpoch current() {
    synchronized (lock) {
      return current;
    }
  }

  /** Opens the next epoch on the connection's task queue, if there is none and there may be one. */
  void openSoon() {
    connection.execute(this::open);
  }

  private void open() {
    Connection line = connection.lineForOpening();
    synchronized (lock) {
      if (closing || current != null || line == null) {
        return;
      }
    }
    Channel channel = null;
    try {
      channel = line.createChannel();
      if (channel == null) {
        throw new IOException(
            "no channel left on the connection (channel_max " + line.getChannelMax() + ")");
      }
      prepare(channel);
    } catch (IOException | ShutdownSignalException e) {
      retryLater(Causes.describe(e));
      if (e instanceof ChannelContinuationTimeoutException) {
        connection.unanswered();
      }
      if (channel != null) {
        discard(channel);
      }
    }
  }

  private void prepare(Channel channel) throws IOException {
    ChannelEpoch epoch;
    synchronized (lock) {
      epoch = new ChannelEpoch(this, ++lastEpoch, channel, events);
    }
    if (spec.queue() == null) {
      channel.addConfirmListener(
          (tag, multiple) -> epoch.tell((to, number) -> to.confirmed(number, tag, multiple)),
          (tag, multiple) -> epoch.tell((to, number) -> to.nacked(number, tag, multiple)));
      channel.addReturnListener(
          (code, text, exchange, key, properties, body) ->
              epoch.tell(
                  (to, number) -> to.returned(number, code, text, exchange, key, properties)));
      channel.confirmSelect();
      if (spec.takesReplies()) { // before the first request, or the broker refuses that one
        channel.basicConsume(Requester.DIRECT_REPLY_TO, true, new Deliveries(channel, epoch));
      }
    } else {
      channel.basicQos(spec.prefetch());
    }
    synchronized (lock) {
      if (closing) {
        discard(channel);
        return;
      }
      current = epoch;
      openedAt = workers.ticker().nanos();
    }
    epoch.tell((to, number) -> to.opened(epoch));
    String blocked = connection.blocked();
    if (blocked != null) {
      epoch.tell((to, number) -> to.blocked(blocked));
      if (connection.blocked() == null) { // it ended in between, and may have been told before
        epoch.tell((to, number) -> to.unblocked());
      }
    }
    channel.addShutdownListener(signal -> epoch.end(Causes.describe(signal)));
    if (spec.queue() != null) {
      consume(channel, epoch, spec.queue());
    }
    if (!epoch.isOver()) {
      lifecycle.moveTo(ResourceState.OPEN, "epoch " + epoch.epoch());
    }
  }

  private void consume(Channel channel, ChannelEpoch epoch, String queue) {
    Deliveries deliveries = new Deliveries(channel, epoch);
    if (channel instanceof WireConnection.DirectChannel direct) {
      deliveries.isTold = true;
      direct.deliverTo(deliveries);
    }
    try {
      boolean isToAsk =
          deletionNotice.isNeeded(channel.getConnection(), queue, connection.known(queue));
      consumerTag =
          channel.basicConsume(queue, false, "", false, false, spec.arguments(), deliveries);
      if (isToAsk) {
        channel.basicQos(ChannelSpec.MAX_PREFETCH, true);
      }
    } catch (IOException | RuntimeException e) { // also what amqp-client could not encode
      if (Causes.code(e) == AMQP.NOT_FOUND) {
        connection.recreate(queue, channel.getConnection());
      }
      epoch.end(Causes.describe(e));
    }
  }

  private final class Deliveries extends DefaultConsumer implements WireConnection.Receiver {
    private final ChannelEpoch epoch;
    private boolean isTold; // when a batch ends; else each delivery is one

    Deliveries(Channel channel, ChannelEpoch epoch) {
      super(channel);
      this.epoch = epoch;
    }

    @Override
    public void handleDelivery(
        String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      epoch.tell(
          (to, number) ->
              to.delivered(
                  number,
                  envelope.getDeliveryTag(),
                  envelope.isRedeliver(),
                  envelope.getExchange(),
                  envelope.getRoutingKey(),
                  properties,
                  body));
      if (!isTold) {
        endBatch();
      }
    }

    @Override
    public void endBatch() {
      epoch.tell(ChannelEvents::batchDelivered);
    }

    @Override
    public void handleCancel(String consumerTag) {
      deletionNotice.forget();
      epoch.end("the broker cancelled the consumer: its queue was deleted or moved");
    }
  }

  /** Called once for each epoch, from any thread; the rest happens on the timer thread. */
  void ended(ChannelEpoch epoch, String reason) {
    workers.timer().execute(() -> afterEnd(epoch, reason));
  }

  private void afterEnd(ChannelEpoch epoch, String reason) {
    epoch.tellClosed(reason);
    boolean last;
    synchronized (lock) {
      if (current == epoch) {
        current = null;
      }
      if (workers.ticker().nanos() - openedAt > STABLE_NANOS) {
        failures = 0;
      }
      last = closing;
    }
    connection.discardLater(epoch.channel());
    if (last) {
      finish();
    } else {
      retryLater(reason);
    }
  }

  private void retryLater(String reason) {
    lastFailure = reason;
    lifecycle.moveTo(ResourceState.RECOVERING, reason);
    Duration delay;
    synchronized (lock) {
      if (closing) {
        return;
      }
      failures++;
      delay = backoff.delay(failures);
    }
    log.debug("{}: opens again in {} ({})", this, delay, reason);
    ScheduledFuture<?> unused =
        workers.timer().schedule(this::openSoon, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Asks the broker to send no more, and waits until all that it had sent has arrived.
   *
   * @param limit how long to wait; whoever goes on without an answer closes the channel anyway
   */
  void cancel(Duration limit) {
    CountDownLatch done = new CountDownLatch(1);
    connection.execute(
        () -> {
          cancelNow();
          done.countDown();
        });
    boolean unused = RabbitConnection.await(done, limit);
  }

  private void cancelNow() {
    ChannelEpoch live = current();
    String tag = consumerTag;
    if (live == null || tag == null || live.isOver()) {
      return;
    }
    try {
      live.channel().basicCancel(tag);
    } catch (IOException | ShutdownSignalException e) {
      log.debug("{}: not cancelled ({})", this, Causes.describe(e));
    }
  }

  void connectionBroken(String reason) {
    connection.sever(reason);
  }

  private void discard(Channel channel) {
    connection.discardLater(channel);
  }

  @Override
  public void close() {
    close(connection.rpcTimeout());
  }

  /**
   * Closes, and waits until the broker has processed what was written before.
   *
   * @param limit how long to wait for the broker
   */
  void close(Duration limit) {
    ChannelEpoch live;
    synchronized (lock) {
      live = current;
      if (!closing) {
        closing = true;
        lifecycle.moveTo(ResourceState.CLOSING, "closed by its owner");
      }
    }
    if (live == null) {
      finish();
    } else {
      live.end("closed by its owner");
    }
    try {
      // The timer never blocks, so this is short; the bound is for a JVM that stands still.
      if (!closed.await(10, TimeUnit.SECONDS)) {
        log.warn("{}: not told of its close within 10 s", this);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connection.flushDiscards(limit);
  }

  private void finish() {
    connection.remove(this);
    lifecycle.moveTo(ResourceState.CLOSED, "closed by its owner");
    closed.countDown();
  }

  @Override
  public String toString() {
    return spec.toString();
  }
}
