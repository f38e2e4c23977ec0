// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.PublishOutcome;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * Publishes the values of one event or command type; outcomes are those of {@link Publisher}.
 * Thread-safe.
 *
 * @param <T> the values
 */
public final class TypedPublisher<T> implements AutoCloseable {
  private final MessageType<T> type;
  private final Publisher publisher;

  private TypedPublisher(MessageType<T> type, Publisher publisher) {
    this.type = type;
    this.publisher = publisher;
  }

  /**
   * A publisher with the defaults of {@link Publisher.Builder}.
   *
   * @param <T> the values
   * @param rabbit where to publish
   * @param type what to publish
   * @return to be closed by the caller, or with {@code rabbit}
   */
  public static <T> TypedPublisher<T> open(RabbitMessaging rabbit, MessageType<T> type) {
    return new TypedPublisher<>(type, rabbit.publisher(type.exchange()).build());
  }

  /**
   * Publishes a value, with nothing beside it.
   *
   * @param value what to publish
   * @return as {@link Publisher#publish}
   */
  public CompletionStage<PublishOutcome> publish(T value) {
    return publish(value, message -> message);
  }

  /**
   * Publishes a value with more beside it: an id, a correlation, a header.
   *
   * @param value what to publish
   * @param more adds to the message; it keeps schema and content type
   * @return as {@link Publisher#publish}
   */
  public CompletionStage<PublishOutcome> publish(T value, UnaryOperator<Message> more) {
    return publisher.publish(message(value, more));
  }

  /**
   * As {@link #publish}, waiting for the outcome. Blocks.
   *
   * @param value what to publish
   * @param more adds to the message
   * @param limit as in {@link Publisher#publishAndWait}
   * @return as {@link Publisher#publishAndWait}
   * @throws InterruptedException if interrupted; the message may have been sent
   */
  public PublishOutcome publishAndWait(T value, UnaryOperator<Message> more, Duration limit)
      throws InterruptedException {
    return publisher.publishAndWait(message(value, more), limit);
  }

  private Message message(T value, UnaryOperator<Message> more) {
    Message message =
        Message.of(type.codec().encode(value))
            .routingKey(type.routingKey())
            .contentType(type.codec().contentType())
            .header(MessageType.SCHEMA_HEADER, type.schema());
    return Objects.requireNonNull(more.apply(message), "more");
  }

  /** Closes its publisher within 10 seconds. */
  @Override
  public void close() {
    publisher.close();
  }
}
