// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One message of a dead-letter queue, as {@link DeadLetters} has seen it there. Immutable; its
 * {@code toString} never shows the body.
 */
public final class DeadLetter {
  private final String exchange;
  private final String routingKey;
  private final AMQP.BasicProperties properties;
  private final byte[] body;

  DeadLetter(GetResponse got) {
    this.exchange = got.getEnvelope().getExchange();
    this.routingKey = got.getEnvelope().getRoutingKey();
    this.properties = got.getProps();
    this.body = got.getBody();
  }

  /**
   * The message id.
   *
   * @return empty if it has none
   */
  public Optional<String> messageId() {
    return Optional.ofNullable(properties.getMessageId());
  }

  /**
   * Why it was given up, in the consumer's words.
   *
   * @return empty if the broker dead-lettered it by itself
   */
  public Optional<String> reason() {
    return header(Attempts.REASON);
  }

  /**
   * The exception of the last attempt.
   *
   * @return empty if there was none
   */
  public Optional<String> cause() {
    return header(Attempts.CAUSE);
  }

  /**
   * How many attempts were made.
   *
   * @return 0 if nobody has said
   */
  public int attempts() {
    return properties.getHeaders() != null
            && properties.getHeaders().get(Attempts.ATTEMPT) instanceof Number number
        ? number.intValue()
        : 0;
  }

  /**
   * When the first attempt failed.
   *
   * @return empty if nobody has said
   */
  public Optional<Instant> firstFailedAt() {
    return instant(Attempts.FIRST_FAILED_AT);
  }

  /**
   * When the last attempt failed.
   *
   * @return empty if nobody has said
   */
  public Optional<Instant> lastFailedAt() {
    return instant(Attempts.LAST_FAILED_AT);
  }

  /**
   * The queue it was consumed from.
   *
   * @return empty if nobody has said
   */
  public Optional<String> originalQueue() {
    return header(Attempts.ORIGINAL_QUEUE);
  }

  /**
   * The exchange it was published to first.
   *
   * @return empty for the default exchange
   */
  public String originalExchange() {
    return header(Attempts.ORIGINAL_EXCHANGE).orElse(exchange);
  }

  /**
   * The key it was published with first.
   *
   * @return may be empty
   */
  public String originalRoutingKey() {
    return header(Attempts.ORIGINAL_ROUTING_KEY).orElse(routingKey);
  }

  /**
   * All headers as amqp-client decodes them.
   *
   * @return unmodifiable
   */
  public Map<String, Object> headers() {
    return properties.getHeaders() == null
        ? Map.of()
        : java.util.Collections.unmodifiableMap(properties.getHeaders());
  }

  /**
   * The body.
   *
   * @return not a copy
   */
  public byte[] body() {
    return body;
  }

  AMQP.BasicProperties properties() {
    return properties;
  }

  private Optional<String> header(String name) {
    @Nullable Object value = headers().get(name);
    return value == null ? Optional.empty() : Optional.of(value.toString());
  }

  private Optional<Instant> instant(String name) {
    try {
      return header(name).map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "DeadLetter[id "
        + properties.getMessageId()
        + ", from '"
        + originalQueue().orElse("?")
        + "', "
        + attempts()
        + " attempts, "
        + reason().orElse("dead-lettered by the broker")
        + ", "
        + body.length
        + " bytes]";
  }
}
