// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import com.trackunit.fabric.messaging.channel.ChannelSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Consumes one queue with manual acks and a finite prefetch, at least once. It outlives broker
 * restarts and even the deletion of its queue: it is RECOVERING meanwhile, and goes on when the
 * queue is back.
 *
 * <p>Handlers run on threads of the consumer's own, as many as its concurrency. Without further
 * options there is one, and it gets the deliveries as they come. {@link Builder#orderedBy} and
 * {@link Builder#inOrder} keep order through failures too: the next one of a lane is handed out
 * when the one before is settled, and a failed attempt is repeated in place.
 *
 * <p>Thread-safe.
 */
public final class Consumer implements HealthSource, AutoCloseable {
  private final String queue;
  private final RabbitMessaging messaging;
  private final boolean isOrdered;
  private final DeliveryLine line;
  private final HandlerThreads handlers;
  private final ChannelSupervisor channel;

  private Consumer(Builder builder, DeliveryHandler handler) {
    this.queue = builder.queue;
    this.messaging = builder.messaging;
    Map<String, Object> arguments = Map.copyOf(builder.arguments);
    StreamPosition position = builder.isStream() ? new StreamPosition(arguments) : null;
    Detours detours = new Detours(queue, messaging, builder.policy(), builder.deadLetters());
    if (builder.policy().place() == RetryPolicy.Place.DELAY_QUEUE) {
      messaging.apply(detours.topology());
    }
    this.isOrdered = builder.order() != Incoming.Order.NONE;
    this.line = new DeliveryLine(builder, builder.order(), position);
    this.handlers =
        new HandlerThreads(builder, line, new Settling(builder, line, detours), handler);
    handlers.start();
    this.channel =
        messaging.supervise(
            ChannelSpec.consuming(
                "consumer of '" + queue + "'",
                queue,
                builder.prefetch,
                () -> position == null ? arguments : line.streamArguments(position)),
            line);
  }

  /**
   * The state now.
   *
   * @return OPEN while it is subscribed
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

  /** Up while it is subscribed and its kill switch has not tripped. */
  @Override
  public Health health() {
    Health health = channel.health();
    String tripped = line.tripped();
    return tripped == null || !health.isUp()
        ? health
        : Health.down(health.name(), "paused by its kill switch: " + tripped);
  }

  /**
   * Hands out nothing more until {@link #resume}. The broker sends on until the prefetch is full;
   * what handlers have, they finish. Pausing twice does nothing.
   */
  public void pause() {
    line.pause(true);
  }

  /** Ends {@link #pause}; without effect on a pause of the kill switch. */
  public void resume() {
    line.pause(false);
  }

  /**
   * Whether it hands out nothing, because of {@link #pause} or its kill switch.
   *
   * @return true if it is paused
   */
  public boolean isPaused() {
    return line.isPaused();
  }

  /**
   * Pauses, waits until handlers have nothing left and writes their acks. It stays paused. Called
   * by its own handler, it does not wait for that one.
   *
   * @param limit how long to wait; at most a day
   * @return true if every delivery handed out is settled
   */
  public boolean drain(Duration limit) {
    Deadline deadline = Deadline.after(limit, messaging.workers().ticker());
    pause();
    return line.awaitHandlers(deadline, handlers.isHandler(Thread.currentThread()));
  }

  /**
   * Stops: hands nothing more out, gives back what no handler has, waits for what handlers have,
   * writes the acks, then closes the channel. An ordered consumer gives back by closing the channel
   * alone, without cancel and nack: after those the next consumer gets messages out of order.
   * Closing twice does nothing and reports zeros. Called by its own handler, it does not wait for
   * that handler.
   *
   * @param limit how long to wait for the handlers, whose threads are interrupted after it; at most
   *     a day. The broker's answers may take a second more each
   * @return what became of the deliveries it held
   */
  public CloseReport close(Duration limit) {
    Deadline deadline = Deadline.after(limit, messaging.workers().ticker());
    if (!line.beginClose()) {
      return new CloseReport(0, 0, 0);
    }
    if (!isOrdered) {
      channel.cancel(RabbitConnection.atLeastASecond(deadline));
    }
    line.withdraw(!isOrdered);
    boolean unused = line.awaitHandlers(deadline, handlers.isHandler(Thread.currentThread()));
    channel.close(RabbitConnection.atLeastASecond(deadline));
    handlers.end();
    messaging.forget(this);
    return line.report();
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  @Override
  public String toString() {
    return "Consumer[" + queue + ", " + state() + "]";
  }

  /** Options of a consumer; from {@link RabbitMessaging#consumer}. Not thread-safe. */
  public static final class Builder {
    private final String queue;
    private final RabbitMessaging messaging;
    private int prefetch = 200;
    private int concurrency = 1;
    private Incoming.Order order = Incoming.Order.NONE;
    private @Nullable Function<? super Delivery, ?> keyOf;
    private @Nullable RetryPolicy policy;
    private Duration handlerTimeout = Duration.ofMinutes(10);
    private @Nullable KillSwitch killSwitch;
    private @Nullable String deadLetterQueue;
    private final Map<String, Object> arguments = new LinkedHashMap<>();

    Builder(String queue, RabbitMessaging messaging) {
      this.queue = Bounds.name("consumer: queue", Objects.requireNonNull(queue, "queue"), 1);
      this.messaging = messaging;
    }

    /**
     * How many unsettled deliveries the broker may send ahead.
     *
     * @param deliveries 1 to 65,535; default 200
     * @return this
     */
    public Builder prefetch(int deliveries) {
      this.prefetch =
          (int) Bounds.number("consumer: prefetch", deliveries, 1, ChannelSpec.MAX_PREFETCH);
      return this;
    }

    /**
     * How many handlers may run at once, each on a thread of its own.
     *
     * @param handlers 1 to 1024, at most the prefetch; default 1
     * @return this
     */
    public Builder concurrency(int handlers) {
      this.concurrency = (int) Bounds.number("consumer: concurrency", handlers, 1, 1024);
      return this;
    }

    /**
     * Keeps order for each key, with lanes side by side: a delivery is handed out when the one
     * before with its key is settled. The queue needs a single active consumer ({@link
     * QueueOptions#singleActiveConsumer}), or a second consumer breaks the order.
     *
     * @param key what names the lane, such as {@code Delivery::routingKey}; runs on a handler
     *     thread; null, or throwing, means one common lane
     * @return this
     */
    public Builder orderedBy(Function<? super Delivery, ?> key) {
      this.keyOf = Objects.requireNonNull(key, "key");
      this.order = Incoming.Order.BY_KEY;
      return this;
    }

    /**
     * Keeps the order of the whole queue: one delivery at a time, the next one when it is settled.
     * The queue needs a single active consumer, as for {@link #orderedBy}.
     *
     * @return this
     */
    public Builder inOrder() {
      this.keyOf = null;
      this.order = Incoming.Order.ONE_LANE;
      return this;
    }

    /**
     * What follows a failed attempt.
     *
     * @param retries default {@link RetryPolicy#requeue}; on ordered consumers and streams {@link
     *     RetryPolicy#forever} from 10 ms to 1 s
     * @return this
     */
    public Builder onFailure(RetryPolicy retries) {
      this.policy = Objects.requireNonNull(retries, "retries");
      return this;
    }

    /**
     * How long an attempt may take from the handler's call to its settlement. When it is over, the
     * attempt has failed: the handler's thread is interrupted, and replaced if it does not return;
     * settling late answers {@link SettleResult#STALE}. On ordered consumers the next attempt waits
     * for the handler's return.
     *
     * @param limit more than 0, at most 25 minutes (the broker's consumer timeout is 30); default
     *     10 minutes
     * @return this
     */
    public Builder handlerTimeout(Duration limit) {
      this.handlerTimeout =
          Bounds.duration("consumer: handlerTimeout", limit, Duration.ofMinutes(25));
      return this;
    }

    /**
     * Pauses the consumer when too many attempts fail.
     *
     * @param when default never
     * @return this
     */
    public Builder killSwitch(KillSwitch when) {
      this.killSwitch = Objects.requireNonNull(when, "when");
      return this;
    }

    /**
     * Where dead letters go, with cause, attempts and times in their headers: published there,
     * confirmed, then acked here.
     *
     * @param deadLetters a queue; default the dead-letter target of the queue, as it was applied to
     *     this messaging; if that is not known, the broker dead-letters without headers of ours
     * @return this
     */
    public Builder deadLetterTo(String deadLetters) {
      this.deadLetterQueue = Objects.requireNonNull(deadLetters, "deadLetters");
      return this;
    }

    /**
     * An argument of {@code basic.consume}, such as {@code x-stream-offset}, which a stream needs.
     *
     * @param name the argument
     * @param value its value
     * @return this
     */
    public Builder argument(String name, Object value) {
      arguments.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /**
     * Subscribes, in the background: a queue that is not there yet is waited for. Blocks only to
     * declare the delay queues of its policy.
     *
     * @param handler the application's code
     * @return to be closed by the caller, or with its messaging
     * @throws IllegalArgumentException if the options do not fit together
     * @throws IllegalStateException if its messaging is closed
     * @throws RabbitUnavailableException if delay queues cannot be declared now
     */
    public Consumer start(DeliveryHandler handler) {
      Objects.requireNonNull(handler, "handler");
      messaging.requireOpen("consumer of '" + queue + "'");
      ConsumerChecks.check(this);
      return messaging.owned(new Consumer(this, handler));
    }

    boolean isStream() {
      Topology.Queue known = messaging.known(queue);
      return arguments.containsKey(StreamPosition.OFFSET) || (known != null && known.isStream());
    }

    Incoming.Order order() {
      // A stream cannot take a message back, so what failed stays in front.
      return order == Incoming.Order.NONE && isStream() ? Incoming.Order.ONE_LANE : order;
    }

    RetryPolicy policy() {
      if (policy != null) {
        return policy;
      }
      return order() == Incoming.Order.NONE
          ? RetryPolicy.requeue()
          : RetryPolicy.forever(Duration.ofMillis(10)).limit(Duration.ofSeconds(1));
    }

    Detours.@Nullable Target deadLetters() {
      if (deadLetterQueue != null) {
        return new Detours.Target("", deadLetterQueue);
      }
      Topology.Queue known = messaging.known(queue);
      return known == null ? null : known.deadLetters();
    }

    String queue() {
      return queue;
    }

    RabbitMessaging messaging() {
      return messaging;
    }

    int prefetch() {
      return prefetch;
    }

    int concurrency() {
      return concurrency;
    }

    @Nullable Function<? super Delivery, ?> keyOf() {
      return keyOf;
    }

    Duration handlerTimeout() {
      return handlerTimeout;
    }

    @Nullable KillSwitch killSwitch() {
      return killSwitch;
    }
  }
}
