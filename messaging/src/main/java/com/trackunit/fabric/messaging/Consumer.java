// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
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
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Consumer implements HealthSource, AutoCloseable {
  private final String queue;

  private Consumer(Builder builder) {
    this.queue = builder.queue;
  }

  /**
   * The state now.
   *
   * @return OPEN while it is subscribed
   */
  public ResourceState state() {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds a listener for later changes; it runs on the messaging's worker threads.
   *
   * @param listener is told of each change
   */
  public void addStateListener(StateListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Health health() {
    throw new UnsupportedOperationException();
  }

  /**
   * Stops: cancels the subscription, gives back what has not reached the handler, waits for what
   * has, then closes the channel. Closing twice does nothing and reports zeros. Called by its own
   * handler, it does not wait for that handler.
   *
   * @param timeout how long to wait for handlers; the handler's thread is interrupted after it
   * @return what became of the deliveries it held
   */
  public CloseReport close(Duration timeout) {
    throw new UnsupportedOperationException();
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  @Override
  public String toString() {
    return "Consumer[" + queue + "]";
  }

  /** Options of a consumer; from {@link RabbitMessaging#consumer}. Not thread-safe. */
  public static final class Builder {
    private final String queue;
    private int prefetch = 200;
    private final Map<String, Object> arguments = new LinkedHashMap<>();

    Builder(String queue) {
      this.queue = Objects.requireNonNull(queue, "queue");
    }

    /**
     * How many unsettled deliveries the broker may send ahead.
     *
     * @param deliveries 1 to 65,535; default 200
     * @return this
     */
    public Builder prefetch(int deliveries) {
      this.prefetch = (int) Bounds.number("consumer: prefetch", deliveries, 1, 65_535);
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
      return new Consumer(this);
    }
  }
}
