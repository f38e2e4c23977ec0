// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.StateListener;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Publishes to one exchange, with confirms, the mandatory flag and persistence, in the order of the
 * calls of each thread. Every message ends in exactly one {@link PublishOutcome}, or in a {@link
 * NotPublishedException} that says that nothing was sent.
 *
 * <p>Thread-safe. Stages complete on the messaging's worker threads, one at a time for a publisher.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Publisher implements HealthSource, AutoCloseable {
  private final String exchange;

  private Publisher(Builder builder) {
    this.exchange = builder.exchange;
  }

  /**
   * Publishes a message. While the broker is away or blocked it waits, up to the publisher's
   * timeout. The call itself blocks only while the window is full.
   *
   * @param message what to publish
   * @return its outcome; fails with {@link NotPublishedException} if it was not sent in time
   * @throws IllegalArgumentException if AMQP 0-9-1 cannot carry it (header type, sizes); nothing
   *     was sent
   */
  public CompletionStage<PublishOutcome> publish(Message message) {
    throw new UnsupportedOperationException();
  }

  /**
   * Publishes a message and waits for its outcome. Blocks.
   *
   * @param message what to publish
   * @param timeout how long to wait in all; more than 0, at most a day
   * @return the outcome; {@link PublishOutcome.Unknown} if it was sent and the time is up
   * @throws NotPublishedException if it was not sent in time, or the publisher is closed
   * @throws IllegalArgumentException as {@link #publish}
   * @throws InterruptedException if interrupted while waiting; the message may have been sent
   */
  public PublishOutcome publishAndWait(Message message, Duration timeout)
      throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * How many messages have no outcome yet.
   *
   * @return zero to the window's size
   */
  public int inFlight() {
    return 0;
  }

  /**
   * The state now.
   *
   * @return OPEN while its channel is live
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
   * Refuses new messages, waits for the outcome of those accepted, then closes the channel; what is
   * open at the end is Unknown, what was not sent fails. Closing twice does nothing.
   *
   * @param timeout how long to wait for outcomes
   * @return true if every message had its outcome in time
   */
  public boolean close(Duration timeout) {
    throw new UnsupportedOperationException();
  }

  /** Closes within 10 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  @Override
  public String toString() {
    return "Publisher[" + exchange + "]";
  }

  /** Options of a publisher; from {@link RabbitMessaging#publisher}. Not thread-safe. */
  public static final class Builder {
    private final String exchange;
    private int inFlight = 1000;
    private long inFlightBytes = 64L << 20;
    private Duration timeout = Duration.ofSeconds(30);

    Builder(String exchange) {
      this.exchange = Objects.requireNonNull(exchange, "exchange");
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
     * The publisher. Its channel opens in the background.
     *
     * @return to be closed by the caller, or with its messaging
     */
    public Publisher build() {
      return new Publisher(this);
    }
  }
}
