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

/**
 * Consumes one queue with manual acks and a finite prefetch, at least once: one delivery at a time,
 * in queue order, on a thread of its own. It outlives broker restarts and even the deletion of its
 * queue: it is RECOVERING meanwhile, and goes on when the queue is back.
 *
 * <p>Thread-safe.
 */
public final class Consumer implements HealthSource, AutoCloseable {
  private final String queue;
  private final RabbitMessaging messaging;
  private final DeliveryLine line;
  private final ChannelSupervisor channel;

  private Consumer(Builder builder, DeliveryHandler handler) {
    this.queue = builder.queue;
    this.messaging = builder.messaging;
    Map<String, Object> arguments = Map.copyOf(builder.arguments);
    boolean isStream =
        arguments.containsKey(StreamPosition.OFFSET) || messaging.knowsAsStream(queue);
    StreamPosition position = isStream ? new StreamPosition(arguments) : null;
    this.line = new DeliveryLine(queue, handler, position);
    line.start();
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

  @Override
  public Health health() {
    return channel.health();
  }

  /**
   * Stops: hands nothing more to the handler, waits for what it has, then closes the channel, so
   * that the broker takes back the rest in order. (No cancel and no nack: after those the next
   * consumer gets messages out of order.) Closing twice does nothing and reports zeros. Called by
   * its own handler, it does not wait for that handler.
   *
   * @param limit how long to wait for the handler, whose thread is interrupted after it; at most a
   *     day. The broker's answer may take a second more
   * @return what became of the deliveries it held
   */
  public CloseReport close(Duration limit) {
    Deadline deadline = Deadline.after(limit, messaging.workers().ticker());
    if (!line.stopAndAwait(deadline)) {
      return new CloseReport(0, 0, 0);
    }
    channel.close(RabbitConnection.atLeastASecond(deadline));
    messaging.forget(this);
    return line.end();
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
    private final Map<String, Object> arguments = new LinkedHashMap<>();

    Builder(String queue, RabbitMessaging messaging) {
      this.queue = Objects.requireNonNull(queue, "queue");
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
     * Subscribes, in the background: a queue that is not there yet is waited for.
     *
     * @param handler the application's code
     * @return to be closed by the caller, or with its messaging
     */
    public Consumer start(DeliveryHandler handler) {
      Objects.requireNonNull(handler, "handler");
      return messaging.owned(new Consumer(this, handler));
    }
  }
}
