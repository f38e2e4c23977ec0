// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.Observations.Outbound;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to one exchange, with confirms, the mandatory flag and persistence, in the order of the
 * calls of each thread. Every message ends in exactly one {@link PublishOutcome}, or in a {@link
 * NotPublishedException} that says that nothing was sent. A message without {@code
 * x-correlation-id} or {@code traceparent} gets those that stand in the MDC of the calling thread,
 * as they do in the handlers of a {@link Consumer}.
 *
 * <p>Thread-safe. Stages complete on the messaging's worker threads, one at a time for a publisher:
 * a continuation that blocks delays the ones after it, and nothing else.
 */
public final class Publisher implements HealthSource, AutoCloseable {
  private static final long SWEEP_MILLIS = 50;

  /** RabbitMQ's own upper bound. */
  static final int MAX_BODY_BYTES = 512 << 20;

  /** The delivery mode of what survives a restart of the broker. */
  static final int PERSISTENT = 2;

  private final String exchange;
  private final Duration timeout;
  private final int maxBodyBytes;
  private final int frameMax;
  private final RabbitMessaging messaging;
  private final Workers workers;
  private final PublishLine line;
  private final ChannelSupervisor channel;
  private final ScheduledFuture<?> sweep;
  private final String idPrefix = UUID.randomUUID() + "-";
  private final AtomicLong nextId = new AtomicLong(1);

  private Publisher(Builder builder) {
    this.exchange = builder.exchange;
    this.timeout = builder.timeout;
    this.maxBodyBytes = builder.maxBodyBytes;
    this.messaging = builder.messaging;
    this.workers = messaging.workers();
    this.frameMax = messaging.publishing().frameMax();
    this.line =
        new PublishLine(
            exchange,
            new Window(builder.inFlight, builder.inFlightBytes),
            builder.republishesUnknown,
            workers,
            messaging.telemetry());
    this.channel =
        messaging.supervise(ChannelSpec.publishing("publisher of '" + exchange + "'"), line);
    this.sweep =
        workers
            .timer()
            .scheduleWithFixedDelay(
                line::expire, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Publishes a message. While the broker is away or blocked the message waits, up to the
   * publisher's timeout; the caller does not. The call blocks only while the window is full, up to
   * the same timeout, and for the write to the socket.
   *
   * @param message what to publish
   * @return its outcome; fails with {@link NotPublishedException} if it was not sent in time
   * @throws IllegalArgumentException if AMQP 0-9-1 cannot carry it (header type, sizes); nothing
   *     was sent
   */
  public CompletionStage<PublishOutcome> publish(Message message) {
    OutgoingMessage outgoing = outgoing(message, timeout, false);
    line.send(outgoing);
    return outgoing.outcome();
  }

  /**
   * As {@link #publish}, but never waits for a place in the window: for callers that must not
   * block. They go on when {@link #whenRoom} completes.
   *
   * @param message what to publish
   * @return empty if the window is full: the message was not accepted
   * @throws IllegalArgumentException as {@link #publish}
   */
  public Optional<CompletionStage<PublishOutcome>> tryPublish(Message message) {
    OutgoingMessage outgoing = outgoing(message, timeout, false);
    if (line.trySend(outgoing)) {
      return Optional.of(outgoing.outcome());
    }
    outgoing.outcome().cancel(false); // for whoever observes it
    return Optional.empty();
  }

  /**
   * Completes when the window has a place, at once if it has; somebody else may have taken it by
   * then. It completes on a worker thread, also when the publisher is closed.
   *
   * @return never fails
   */
  public CompletionStage<@Nullable Void> whenRoom() {
    return line.room();
  }

  /**
   * Publishes a message and waits for its outcome. Blocks.
   *
   * @param message what to publish
   * @param limit how long to wait in all; more than 0, at most a day
   * @return the outcome; {@link PublishOutcome.Unknown} if it was sent and the time is up
   * @throws NotPublishedException if it was not sent in time, or the publisher is closed
   * @throws IllegalArgumentException as {@link #publish}
   * @throws InterruptedException if interrupted while waiting; the message may have been sent
   */
  public PublishOutcome publishAndWait(Message message, Duration limit)
      throws InterruptedException {
    Bounds.duration("publishAndWait: limit", limit, Duration.ofDays(1));
    return await(outgoing(message, limit, true));
  }

  /** As the other one, with properties as they are; they have a message id. */
  PublishOutcome publishAndWait(
      String routingKey, AMQP.BasicProperties properties, byte[] body, Duration limit)
      throws InterruptedException {
    return await(outgoing(routingKey, properties, body, limit, true));
  }

  private PublishOutcome await(OutgoingMessage outgoing) throws InterruptedException {
    line.send(outgoing);
    try {
      return outgoing.outcome().get(); // settled at its deadline by the sweep at the latest
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NotPublishedException notPublished) {
        throw notPublished;
      }
      throw new IllegalStateException("publish ended in an error of its own", e.getCause());
    }
  }

  /** Publishes with properties as they are; they have a message id. */
  CompletionStage<PublishOutcome> publish(
      String routingKey, AMQP.BasicProperties properties, byte[] body) {
    OutgoingMessage outgoing = outgoing(routingKey, properties, body, timeout, false);
    line.send(outgoing);
    return outgoing.outcome();
  }

  private OutgoingMessage outgoing(Message message, Duration limit, boolean inline) {
    String id = message.messageId().orElseGet(() -> idPrefix + nextId.getAndIncrement());
    Outbound outbound = messaging.observations().publishing(exchange, message);
    try {
      AMQP.BasicProperties properties =
          properties(message, outbound.headers(), id, workers.clock())
              .deliveryMode(PERSISTENT)
              .build();
      OutgoingMessage outgoing =
          outgoing(message.routingKey(), properties, message.body(), limit, inline);
      outbound.follow(outgoing);
      return outgoing;
    } catch (IllegalArgumentException e) {
      outbound.refused(e);
      throw e;
    }
  }

  /** What travels beside a message; its delivery mode is the caller's. */
  static AMQP.BasicProperties.Builder properties(
      Message message, Map<String, Object> headers, String id, Clock clock) {
    AMQP.BasicProperties.Builder properties =
        new AMQP.BasicProperties.Builder().timestamp(Date.from(clock.instant())).messageId(id);
    message.contentType().ifPresent(properties::contentType);
    if (!headers.isEmpty()) {
      properties.headers(headers);
    }
    return properties;
  }

  private OutgoingMessage outgoing(
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body,
      Duration limit,
      boolean inline) {
    requireAtMost(maxBodyBytes, body);
    WireLimits.check(exchange, routingKey, properties, frameMax);
    return new OutgoingMessage(
        routingKey,
        properties,
        body,
        new OutgoingMessage.Limit(limit, workers.ticker().nanos()),
        inline);
  }

  /** Refuses a body that is too large. */
  static void requireAtMost(int bytes, byte[] body) {
    if (body.length > bytes) {
      throw new IllegalArgumentException(
          "message: body is "
              + body.length
              + " bytes, expected at most "
              + bytes
              + " (maxBodyBytes); a larger one makes the broker close the channel");
    }
  }

  /**
   * How many messages have no outcome yet.
   *
   * @return zero to the window's size
   */
  public int inFlight() {
    return line.unsettled();
  }

  /**
   * The state now.
   *
   * @return OPEN while its channel is live
   */
  public ResourceState state() {
    return channel.state();
  }

  /**
   * Adds a listener for later changes; it runs on the messaging's worker threads.
   *
   * @param listener is told of each change
   */
  public void addStateListener(StateListener listener) {
    channel.addStateListener(listener);
  }

  @Override
  public Health health() {
    return channel.health();
  }

  /**
   * Refuses new messages, waits for the outcome of those accepted, then closes the channel; what is
   * open at the end is Unknown, what was not sent fails. Closing twice does nothing.
   *
   * @param limit how long to wait for outcomes; zero does not wait; at most a day. The broker's
   *     answer to the close may take a second more
   * @return true if every message had its outcome in time
   */
  public boolean close(Duration limit) {
    Deadline deadline = Deadline.after(limit, workers.ticker());
    boolean settled = line.closeAndAwait(deadline);
    channel.close(RabbitConnection.atLeastASecond(deadline));
    line.end();
    sweep.cancel(false);
    messaging.forget(this);
    return settled;
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  @Override
  public String toString() {
    return "Publisher[" + exchange + ", " + state() + "]";
  }

  /** Options of a publisher; from {@link RabbitMessaging#publisher}. Not thread-safe. */
  public static final class Builder {
    private final String exchange;
    private final RabbitMessaging messaging;
    private int inFlight = 1000;
    private long inFlightBytes = 64L << 20;
    private int maxBodyBytes = 16 << 20;
    private Duration timeout = Duration.ofSeconds(30);
    private boolean republishesUnknown;

    Builder(String exchange, RabbitMessaging messaging) {
      this.exchange =
          Bounds.name("publisher: exchange", Objects.requireNonNull(exchange, "exchange"), 0);
      this.messaging = messaging;
    }

    /**
     * How many messages may be without outcome at once, those that wait for a connection included.
     *
     * @param messages 1 to 1,000,000; default 1000
     * @return this
     */
    public Builder inFlight(int messages) {
      this.inFlight = (int) Bounds.number("publisher: inFlight", messages, 1, 1_000_000);
      return this;
    }

    /**
     * How many bytes of bodies may be without outcome at once; a larger message passes alone.
     *
     * @param bytes at least 1; default 64 MiB
     * @return this
     */
    public Builder inFlightBytes(long bytes) {
      this.inFlightBytes = Bounds.number("publisher: inFlightBytes", bytes, 1, Long.MAX_VALUE);
      return this;
    }

    /**
     * The largest body accepted. It must not be more than the broker's {@code max_message_size}
     * (128 MiB by default on 3.x, 16 MiB from 4.0), which closes the channel over a larger one.
     *
     * @param bytes 1 to 512 MiB; default 16 MiB
     * @return this
     */
    public Builder maxBodyBytes(int bytes) {
      this.maxBodyBytes = (int) Bounds.number("publisher: maxBodyBytes", bytes, 1, MAX_BODY_BYTES);
      return this;
    }

    /**
     * How long a message may take from the call to its outcome: for a place in the window, a live
     * channel, an unblocked broker, and the confirm.
     *
     * @param value more than 0, at most a day; default 30 s
     * @return this
     */
    public Builder timeout(Duration value) {
      this.timeout = Bounds.duration("publisher: timeout", value, Duration.ofDays(1));
      return this;
    }

    /**
     * Sends again, with the same message id and before all later ones, what a dying channel left
     * unanswered, until the timeout: such a message may arrive twice. Without this it ends {@link
     * PublishOutcome.Unknown}, and the caller decides.
     *
     * @return this
     */
    public Builder republishUnknown() {
      this.republishesUnknown = true;
      return this;
    }

    /**
     * The publisher. Its channel opens in the background.
     *
     * @return to be closed by the caller, or with its messaging
     * @throws IllegalStateException if its messaging is closed
     */
    public Publisher build() {
      messaging.requireOpen("publisher of '" + exchange + "'");
      return messaging.owned(new Publisher(this));
    }
  }
}
