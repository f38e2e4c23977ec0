// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.LongString;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a message, to be settled exactly once: {@link #ack}, {@link #retry}, {@link
 * #retryAfter}, {@link #release} or {@link #deadLetter(String)}.
 *
 * <p>Thread-safe; it may be settled from any thread, also after the handler has returned. Settling
 * may block while the socket does, at most for the write timeout.
 */
public final class Delivery {
  /** Where the settlement goes. */
  interface Settler {
    SettleResult ack(Delivery delivery);

    SettleResult retry(Delivery delivery, @Nullable Duration delay, @Nullable Throwable cause);

    SettleResult release(Delivery delivery);

    SettleResult deadLetter(Delivery delivery, String reason, @Nullable Throwable cause);

    /** Refuses what this consumer cannot do, before the delivery counts as settled. */
    void requireReleasable();

    /** Refuses a delay that is out of bounds, before the delivery counts as settled. */
    void requireDelay(Duration delay);
  }

  private final Settler settler;
  private final Held held;
  private final int attempt;
  private final AtomicBoolean settled = new AtomicBoolean();

  Delivery(Settler settler, Held held, int attempt) {
    this.settler = settler;
    this.held = held;
    this.attempt = attempt;
  }

  Held held() {
    return held;
  }

  /**
   * The body.
   *
   * @return as published; not a copy
   */
  public byte[] body() {
    return held.body();
  }

  /**
   * The exchange it was published to, before any detour through a delay queue or a dead-letter
   * queue of ours.
   *
   * @return empty for the default exchange
   */
  public String exchange() {
    return Attempts.originalExchange(held);
  }

  /**
   * The routing key it was published with, before any detour as above.
   *
   * @return may be empty
   */
  public String routingKey() {
    return Attempts.originalRoutingKey(held);
  }

  /**
   * Whether it was delivered before, here or elsewhere.
   *
   * @return true if it is no first attempt or the broker says so; false does not prove that it is
   *     new
   */
  public boolean isRedelivered() {
    return attempt > 1 || held.envelope().isRedeliver();
  }

  /**
   * Which attempt at the message this is, as far as is known: counted by this consumer, by our
   * retry header, and by a quorum queue (which also counts channels that died). A classic queue
   * does not count what it delivers again.
   *
   * @return from 1
   */
  public int attempt() {
    return attempt;
  }

  /**
   * The publisher's message id.
   *
   * @return empty if it has none
   */
  public Optional<String> messageId() {
    return Optional.ofNullable(held.properties().getMessageId());
  }

  /**
   * Where its sender awaits an answer; {@link RabbitMessaging#reply} sends it there.
   *
   * @return empty if nobody does
   */
  public Optional<String> replyTo() {
    return Optional.ofNullable(held.properties().getReplyTo());
  }

  /**
   * The content type.
   *
   * @return empty if it has none
   */
  public Optional<String> contentType() {
    return Optional.ofNullable(held.properties().getContentType());
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
    return asText(held.header(name));
  }

  static Optional<String> asText(@Nullable Object value) {
    return value instanceof String
            || value instanceof LongString
            || value instanceof Number
            || value instanceof Boolean
        ? Optional.of(value.toString())
        : Optional.empty();
  }

  /**
   * All headers, as amqp-client decodes them: texts are {@link LongString}s.
   *
   * @return unmodifiable
   */
  public Map<String, Object> headers() {
    @Nullable Map<String, Object> headers = held.properties().getHeaders();
    return headers == null ? Map.of() : Collections.unmodifiableMap(headers);
  }

  /**
   * It is done: the broker forgets it. The ack is written at once or together with those of its
   * neighbours, within about 100 ms; if the channel dies before, the message comes again.
   *
   * @return {@link SettleResult#STALE} if its channel is over or its time was up, and it will come
   *     again
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult ack() {
    settleOnce("ack");
    return settler.ack(this);
  }

  /**
   * The attempt failed: the consumer's {@link RetryPolicy} says when and how the next one comes,
   * and whether this was the last.
   *
   * @return {@link SettleResult#STALE} if its channel is over or its time was up, and it will come
   *     again anyway
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult retry() {
    settleOnce("retry");
    return settler.retry(this, null, null);
  }

  /**
   * As {@link #retry}, after a time of your choice. It waits where the policy says: with the
   * consumer, or in the delay queue of the next longer step.
   *
   * @param delay at least 0, at most 15 minutes where it waits with the consumer (longer ones run
   *     into the broker's consumer timeout), at most the longest step of the policy where it waits
   *     in a delay queue
   * @return as {@link #retry}
   * @throws IllegalStateException if it was settled before
   * @throws IllegalArgumentException if the delay is out of bounds; it is still to be settled then
   */
  public SettleResult retryAfter(Duration delay) {
    settler.requireDelay(delay);
    settleOnce("retryAfter");
    return settler.retry(this, delay, null);
  }

  /**
   * Gives it back without fault, for another consumer: no attempt is counted (from RabbitMQ 4.3;
   * earlier quorum queues count it). Refused on ordered consumers, where it would lose its place;
   * on a stream it is handed to the handler again.
   *
   * @return {@link SettleResult#STALE} if its channel is over or its time was up, and it will come
   *     again anyway
   * @throws IllegalStateException if it was settled before, or if its consumer is ordered; it is
   *     still to be settled then
   */
  public SettleResult release() {
    settler.requireReleasable();
    settleOnce("release");
    return settler.release(this);
  }

  /**
   * Nobody can use it: the queue's dead-letter target gets it, with the reason in its headers where
   * this messaging knows the target (see {@link Consumer.Builder#deadLetterTo}); without a target,
   * the broker drops it.
   *
   * @param reason for people; no secrets
   * @return {@link SettleResult#STALE} if its channel is over or its time was up, and it will come
   *     again
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult deadLetter(String reason) {
    Objects.requireNonNull(reason, "reason");
    settleOnce("deadLetter");
    return settler.deadLetter(this, reason, null);
  }

  /**
   * As the other one, with what went wrong.
   *
   * @param reason for people; no secrets
   * @param cause its class and message go into a header
   * @return as the other one
   * @throws IllegalStateException if it was settled before
   */
  public SettleResult deadLetter(String reason, Throwable cause) {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(cause, "cause");
    settleOnce("deadLetter");
    return settler.deadLetter(this, reason, cause);
  }

  /**
   * Acks it if nobody has settled it yet: for code around handlers that may settle or not.
   *
   * @return true if it was acked by this call
   */
  public boolean ackUnlessSettled() {
    return settled.compareAndSet(false, true) && settler.ack(this) == SettleResult.SENT;
  }

  /** What a handler that threw stands for: a retry, unless it was settled before; null then. */
  @Nullable SettleResult failedAttempt(Throwable cause) {
    return settled.compareAndSet(false, true) ? settler.retry(this, null, cause) : null;
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
        + held.tag()
        + " of channel epoch "
        + held.epoch()
        + " (exchange '"
        + exchange()
        + "', key '"
        + routingKey()
        + "', id "
        + held.properties().getMessageId()
        + ", "
        + held.body().length
        + " bytes)";
  }
}
