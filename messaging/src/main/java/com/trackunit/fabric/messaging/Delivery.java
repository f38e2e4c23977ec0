// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.LongString;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One message as a consumer got it, to be settled exactly once: {@link #ack}, {@link #retry},
 * {@link #release} or {@link #deadLetter}.
 *
 * <p>Thread-safe; it may be settled from any thread, also after the handler has returned. Settling
 * may block while the socket does, at most for the write timeout.
 */
public final class Delivery {
  /** Where the settlement goes. */
  interface Settler {
    SettleResult ack(Delivery delivery);

    SettleResult retry(Delivery delivery);

    SettleResult release(Delivery delivery);

    SettleResult deadLetter(Delivery delivery, String reason);
  }

  private final Settler settler;
  private final long epoch;
  private final Envelope envelope;
  private final AMQP.BasicProperties properties;
  private final byte[] body;
  private final AtomicBoolean settled = new AtomicBoolean();

  Delivery(
      Settler settler,
      long epoch,
      Envelope envelope,
      AMQP.BasicProperties properties,
      byte[] body) {
    this.settler = settler;
    this.epoch = epoch;
    this.envelope = envelope;
    this.properties = properties;
    this.body = body;
  }

  long epoch() {
    return epoch;
  }

  long tag() {
    return envelope.getDeliveryTag();
  }

  /**
   * The body.
   *
   * @return as published; not a copy
   */
  public byte[] body() {
    return body;
  }

  /**
   * The exchange it was published to.
   *
   * @return empty for the default exchange
   */
  public String exchange() {
    return envelope.getExchange();
  }

  /**
   * The routing key it was published with.
   *
   * @return may be empty
   */
  public String routingKey() {
    return envelope.getRoutingKey();
  }

  /**
   * Whether the broker has delivered it before, here or elsewhere.
   *
   * @return the broker's flag; false does not prove that it is new
   */
  public boolean isRedelivered() {
    return envelope.isRedeliver();
  }

  /**
   * The publisher's message id.
   *
   * @return empty if it has none
   */
  public Optional<String> messageId() {
    return Optional.ofNullable(properties.getMessageId());
  }

  /**
   * The content type.
   *
   * @return empty if it has none
   */
  public Optional<String> contentType() {
    return Optional.ofNullable(properties.getContentType());
  }

  /**
   * The header {@value CorrelationId#HEADER}.
   *
   * @return empty if it is absent or no valid correlation id
   */
  public Optional<CorrelationId> correlationId() {
    return header(CorrelationId.HEADER).filter(CorrelationId::isValid).map(CorrelationId::new);
  }

  /**
   * The header {@value TraceParent#HEADER}.
   *
   * @return empty if it is absent or malformed
   */
  public Optional<TraceParent> traceParent() {
    return header(TraceParent.HEADER).flatMap(TraceParent::parse);
  }

  /**
   * One header as text: a text as it is, a number or a boolean in its decimal or literal form.
   *
   * @param name the header
   * @return empty if it is absent or of another type
   */
  public Optional<String> header(String name) {
    Object value = headers().get(name);
    if (value instanceof String
        || value instanceof LongString
        || value instanceof Number
        || value instanceof Boolean) {
      return Optional.of(value.toString());
    }
    return Optional.empty();
  }

  /**
   * All headers, as amqp-client decodes them: texts are {@link LongString}s.
   *
   * @return unmodifiable
   */
  public Map<String, Object> headers() {
    @Nullable Map<String, Object> headers = properties.getHeaders();
    return headers == null ? Map.of() : Collections.unmodifiableMap(headers);
  }

  /**
   * It is done: the broker forgets it.
   *
   * @return {@link SettleResult#STALE} if its channel is over, and it will come again
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult ack() {
    settleOnce("ack");
    return settler.ack(this);
  }

  /**
   * The attempt failed: it is delivered again, and a quorum queue counts that towards its delivery
   * limit. On a stream it is handed to the handler again, in its place, after a pause.
   *
   * @return {@link SettleResult#STALE} if its channel is over, and it will come again anyway
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult retry() {
    settleOnce("retry");
    return settler.retry(this);
  }

  /**
   * Gives it back without fault, for another consumer: no attempt is counted (from RabbitMQ 4.3;
   * earlier quorum queues count it).
   *
   * @return {@link SettleResult#STALE} if its channel is over, and it will come again anyway
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult release() {
    settleOnce("release");
    return settler.release(this);
  }

  /**
   * Nobody can use it: the queue's dead-letter target gets it; without one, the broker drops it.
   *
   * @param reason for the log; no secrets
   * @return {@link SettleResult#STALE} if its channel is over, and it will come again
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult deadLetter(String reason) {
    Objects.requireNonNull(reason, "reason");
    settleOnce("deadLetter");
    return settler.deadLetter(this, reason);
  }

  /** What a handler that threw stands for: a retry, unless it was settled before; null then. */
  @Nullable SettleResult failedAttempt() {
    return settled.compareAndSet(false, true) ? settler.retry(this) : null;
  }

  /** For a delivery that is handed to the handler once more. */
  Delivery again() {
    Envelope redelivered = new Envelope(tag(), true, exchange(), routingKey());
    return new Delivery(settler, epoch, redelivered, properties, body);
  }

  private void settleOnce(String operation) {
    if (!settled.compareAndSet(false, true)) {
      throw new IllegalStateException(
          operation + " of " + this + ": it is settled already; settle each delivery once");
    }
  }

  /** Shows where it came from and its id, never the body or a header. */
  @Override
  public String toString() {
    return "delivery "
        + tag()
        + " of channel epoch "
        + epoch
        + " (exchange '"
        + exchange()
        + "', key '"
        + routingKey()
        + "', id "
        + properties.getMessageId()
        + ", "
        + body.length
        + " bytes)";
  }
}
