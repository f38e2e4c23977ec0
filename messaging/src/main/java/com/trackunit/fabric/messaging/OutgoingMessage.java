// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One accepted message on its way to its outcome. Its flags are guarded by the publisher. */
final class OutgoingMessage {
  private final String routingKey;
  private final AMQP.BasicProperties properties;
  private final byte[] body;
  private final Duration timeout;
  private final long deadlineNanos;
  private final boolean completesInline;
  private final CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();
  private @Nullable PublishOutcome returned;
  private boolean settled;
  private @Nullable String sentBefore;

  OutgoingMessage(
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body,
      Limit limit,
      boolean completesInline) {
    this.routingKey = routingKey;
    this.properties = properties;
    this.body = body;
    this.timeout = limit.timeout();
    this.deadlineNanos = limit.startNanos() + timeout.toNanos();
    this.completesInline = completesInline;
  }

  /** How long it may take, and since when. */
  record Limit(Duration timeout, long startNanos) {}

  /** Whether nobody but a waiting thread sees the future, so that no user code hangs on it. */
  boolean completesInline() {
    return completesInline;
  }

  String routingKey() {
    return routingKey;
  }

  AMQP.BasicProperties properties() {
    return properties;
  }

  byte[] body() {
    return body;
  }

  long size() {
    return body.length;
  }

  long startNanos() {
    return deadlineNanos - timeout.toNanos();
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  CompletableFuture<PublishOutcome> outcome() {
    return outcome;
  }

  boolean isExpired(long nowNanos) {
    return deadlineNanos - nowNanos <= 0;
  }

  boolean is(@Nullable String messageId, String key) {
    return properties.getMessageId().equals(messageId) && routingKey.equals(key);
  }

  /** What its confirm will mean, as the broker has sent it back; null if it has not. */
  @Nullable PublishOutcome returned() {
    return returned;
  }

  void returned(PublishOutcome meaning) {
    returned = meaning;
  }

  /** It was sent on a channel that died, and may be at the broker already. */
  void sentBefore(String reason) {
    sentBefore = reason;
  }

  /** What to say when it is not sent again after all; null if it was never sent. */
  PublishOutcome.@Nullable Unknown unknownSince() {
    return sentBefore == null ? null : new PublishOutcome.Unknown(sentBefore);
  }

  boolean isSettled() {
    return settled;
  }

  /** True for the first call. */
  boolean settleOnce() {
    boolean first = !settled;
    settled = true;
    return first;
  }

  PublishOutcome unknownAtDeadline() {
    return returned != null
        ? returned
        : new PublishOutcome.Unknown("sent, but not answered within " + timeout);
  }

  NotPublishedException notSentAtDeadline() {
    return new NotPublishedException(
        "publish of message "
            + properties.getMessageId()
            + ": not sent within "
            + timeout
            + " (broker away, blocked, or window full); publish it again later",
        true);
  }
}
