// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.flow.Window;
import com.trackunit.fabric.messaging.AwaitedReplies.Awaited;
import com.trackunit.fabric.messaging.Observations.Outbound;
import com.trackunit.fabric.messaging.RequestFailedException.Reason;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Asks and gets an answer, over RabbitMQ's direct reply-to: requests go to one exchange, replies
 * come back on the same channel without a queue of their own. All requests share that channel, and
 * its replies are acked automatically, as direct reply-to demands: the one exception to manual
 * acks. Whoever handles a request answers with {@link RabbitMessaging#reply}.
 *
 * <p>Every request ends with its {@link Reply} or in a {@link RequestFailedException} whose reason
 * says whether somebody may have handled it. Nothing is asked twice by itself. A request is not
 * persistent and expires in its queue with its deadline, so that nobody works for an asker who has
 * gone; its correlation id is random (122 bits) and cannot be guessed by another client.
 *
 * <p>Thread-safe. Stages complete on the messaging's worker threads, one at a time for a requester.
 */
public final class Requester implements HealthSource, AutoCloseable {
  /** RabbitMQ's name for the channel's own reply address (its guide to direct reply-to). */
  static final String DIRECT_REPLY_TO = "amq.rabbitmq.reply-to";

  private static final String REPLY_ADDRESS = DIRECT_REPLY_TO + ".";
  private static final int TRANSIENT = 1;
  private static final long SWEEP_MILLIS = 50;

  private final String exchange;
  private final Duration timeout;
  private final int frameMax;
  private final RabbitMessaging messaging;
  private final Workers workers;
  private final Semaphore places;
  private final RequestLine line;
  private final ChannelSupervisor channel;
  private final ScheduledFuture<?> sweep;

  /** Whether a routing key is the address of a requester's channel instead of a queue. */
  static boolean isDirectReply(String routingKey) {
    return routingKey.startsWith(REPLY_ADDRESS);
  }

  private Requester(Builder builder) {
    this.exchange = builder.exchange;
    this.timeout = builder.timeout;
    this.messaging = builder.messaging;
    this.workers = messaging.workers();
    this.frameMax = messaging.publishing().frameMax();
    this.places = new Semaphore(builder.inFlight);
    Window window = new Window(builder.inFlight, Long.MAX_VALUE); // the places bound both
    this.line =
        new RequestLine(
            new PublishLine(exchange, window, false, workers, messaging.telemetry()), workers);
    this.channel =
        messaging.supervise(ChannelSpec.requesting("requester to '" + exchange + "'"), line);
    this.sweep =
        workers
            .timer()
            .scheduleWithFixedDelay(
                line::expire, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Asks, with the requester's timeout. Blocks only while as many requests as it may have are
   * without answer, up to the same timeout, and for the write to the socket.
   *
   * @param message the request
   * @return its reply; fails with {@link RequestFailedException}
   * @throws IllegalArgumentException if AMQP 0-9-1 cannot carry it; nothing was sent
   */
  public CompletionStage<Reply> request(Message message) {
    return send(message, timeout).reply();
  }

  /**
   * Asks and waits for the answer. Blocks.
   *
   * @param message the request
   * @param limit how long to wait in all; more than 0, at most a day
   * @return the reply
   * @throws RequestFailedException if there is none; its reason says what is known
   * @throws IllegalArgumentException as {@link #request}
   * @throws InterruptedException if interrupted while waiting; it may have been handled
   */
  public Reply requestAndWait(Message message, Duration limit) throws InterruptedException {
    Bounds.duration("requestAndWait: limit", limit, Duration.ofDays(1));
    try {
      return send(message, limit).reply().get(); // ended at its deadline by the sweep at the latest
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RequestFailedException failure) {
        throw failure;
      }
      throw new IllegalStateException("request ended in an error of its own", e.getCause());
    }
  }

  private Awaited send(Message message, Duration limit) {
    Awaited request = new Awaited(UUID.randomUUID().toString(), limit, workers.ticker().nanos());
    Outbound outbound = messaging.observations().publishing(exchange, message);
    OutgoingMessage outgoing;
    try {
      outgoing = outgoing(request, message, outbound.headers());
    } catch (IllegalArgumentException e) {
      outbound.refused(e);
      throw e;
    }
    outbound.follow(outgoing);
    if (takePlace(request, outgoing)) {
      var unused = request.reply().whenComplete((reply, failure) -> places.release());
      line.send(request, outgoing);
    }
    return request;
  }

  private OutgoingMessage outgoing(Awaited request, Message message, Map<String, Object> headers) {
    AMQP.BasicProperties properties =
        Publisher.properties(message, headers, request.id(), workers.clock())
            .deliveryMode(TRANSIENT)
            .correlationId(request.id())
            .replyTo(DIRECT_REPLY_TO)
            .expiration(String.valueOf(Math.max(1, request.timeout().toMillis())))
            .build();
    Publisher.requireAtMost(Publisher.MAX_BODY_BYTES, message.body());
    WireLimits.check(exchange, message.routingKey(), properties, frameMax);
    return new OutgoingMessage(
        message.routingKey(), properties, message.body(), request.limit(), true);
  }

  private boolean takePlace(Awaited request, OutgoingMessage outgoing) {
    String seen;
    try {
      if (places.tryAcquire(request.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
        return true;
      }
      seen = "not sent within " + request.timeout() + ": too many requests are without answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      seen = "interrupted while too many requests were without answer";
    }
    RequestFailedException failure =
        new RequestFailedException(
            Reason.NOT_SENT, "request " + request.id() + ": " + seen + "; ask again later");
    outgoing.outcome().completeExceptionally(failure);
    request.reply().completeExceptionally(failure);
    return false;
  }

  /**
   * How many requests have no answer yet.
   *
   * @return zero to the bound given
   */
  public int inFlight() {
    return line.inFlight();
  }

  /**
   * The state now.
   *
   * @return OPEN while its channel is live
   */
  public ResourceState state() {
    return channel.state();
  }

  @Override
  public Health health() {
    return channel.health();
  }

  /**
   * Refuses new requests, waits for the answers of those accepted, then closes the channel; what
   * has no answer by then fails with {@link Reason#CLOSED}. Closing twice does nothing.
   *
   * @param limit how long to wait for answers; zero does not wait; at most a day. The broker's
   *     answer to the close may take a second more
   * @return true if every request had its answer in time
   */
  public boolean close(Duration limit) {
    Deadline deadline = Deadline.after(limit, workers.ticker());
    boolean answered = line.closeAndAwait(deadline);
    channel.close(RabbitConnection.atLeastASecond(deadline));
    line.end();
    sweep.cancel(false);
    messaging.forget(this);
    return answered;
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  @Override
  public String toString() {
    return "Requester[" + exchange + ", " + state() + "]";
  }

  /** Options of a requester; from {@link RabbitMessaging#requester}. Not thread-safe. */
  public static final class Builder {
    private final String exchange;
    private final RabbitMessaging messaging;
    private int inFlight = 1000;
    private Duration timeout = Duration.ofSeconds(10);

    Builder(String exchange, RabbitMessaging messaging) {
      this.exchange =
          Bounds.name("requester: exchange", Objects.requireNonNull(exchange, "exchange"), 0);
      this.messaging = messaging;
    }

    /**
     * How many requests may be without answer at once.
     *
     * @param requests 1 to 100,000; default 1000
     * @return this
     */
    public Builder inFlight(int requests) {
      this.inFlight = (int) Bounds.number("requester: inFlight", requests, 1, 100_000);
      return this;
    }

    /**
     * How long a request may take from the call to its answer.
     *
     * @param value more than 0, at most a day; default 10 s
     * @return this
     */
    public Builder timeout(Duration value) {
      this.timeout = Bounds.duration("requester: timeout", value, Duration.ofDays(1));
      return this;
    }

    /**
     * The requester. Its channel opens in the background.
     *
     * @return to be closed by the caller, or with its messaging
     * @throws IllegalStateException if its messaging is closed
     */
    public Requester build() {
      messaging.requireOpen("requester to '" + exchange + "'");
      return messaging.owned(new Requester(this));
    }
  }
}
