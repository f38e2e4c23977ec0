// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where messages go that a consumer does not ack where they are: delay queues and the dead-letter
 * target. What travels with them is said in headers. Thread-safe.
 */
final class Detours {
  private static final Logger log = LoggerFactory.getLogger(Detours.class);
  private static final int LONGEST_TEXT = 1000;

  private final String queue;
  private final RabbitMessaging messaging;
  private final List<Duration> steps;
  private final @Nullable Target deadLetters;

  /**
   * Where to publish.
   *
   * @param exchange may be the default exchange
   * @param routingKey null for the message's own
   */
  record Target(String exchange, @Nullable String routingKey) {}

  /** One message on its way elsewhere. */
  record Detour(String exchange, String routingKey, AMQP.BasicProperties properties, Held held) {}

  Detours(
      String queue, RabbitMessaging messaging, RetryPolicy policy, @Nullable Target deadLetters) {
    this.queue = queue;
    this.messaging = messaging;
    this.steps = policy.place() == RetryPolicy.Place.DELAY_QUEUE ? policy.steps() : List.of();
    this.deadLetters = deadLetters;
  }

  /**
   * The delay queues: one for each time, because RabbitMQ expires messages only at a queue's head;
   * dead-lettering at least once, or an expired message could be lost on its way back.
   */
  Topology topology() {
    Topology.Builder topology = Topology.builder();
    for (Duration step : steps) {
      topology.queue(
          delayQueue(step),
          q -> q.quorum().messageTtl(step).deadLetterTo(queue).deadLetterAtLeastOnce());
    }
    return topology.build();
  }

  private String delayQueue(Duration step) {
    return queue + ".retry." + step.toMillis();
  }

  /** The longest delay there is a queue for. */
  Duration longest() {
    return steps.get(steps.size() - 1);
  }

  /** To the delay queue of the first step that is not shorter. */
  Detour later(Held held, int attempt, Duration delay) {
    Duration step =
        steps.stream().filter(one -> one.compareTo(delay) >= 0).findFirst().orElse(longest());
    Map<String, Object> headers = history(held, attempt + 1);
    return new Detour("", delayQueue(step), properties(held, headers), held);
  }

  /** To the dead-letter target; null if none is known here, and the broker shall do it. */
  @Nullable Detour dead(Held held, int attempt, String reason, @Nullable Throwable cause) {
    if (deadLetters == null) {
      return null;
    }
    Map<String, Object> headers = history(held, attempt);
    headers.put(Attempts.REASON, shortened(reason));
    if (cause != null) {
      headers.put(Attempts.CAUSE, shortened(cause.toString()));
    }
    headers.put(Attempts.ORIGINAL_QUEUE, queue);
    String key = deadLetters.routingKey();
    return new Detour(
        deadLetters.exchange(),
        key != null ? key : held.envelope().getRoutingKey(),
        properties(held, headers),
        held);
  }

  private Map<String, Object> history(Held held, int attempt) {
    Map<String, Object> headers = new LinkedHashMap<>();
    if (held.properties().getHeaders() != null) {
      headers.putAll(held.properties().getHeaders());
    }
    headers.remove("x-delivery-count"); // it is in our attempt, and the next queue counts anew
    headers.remove("CC"); // or it would be routed there once more
    Instant now = messaging.workers().clock().instant();
    headers.put(Attempts.ATTEMPT, attempt);
    headers.put(Attempts.FIRST_FAILED_AT, Attempts.firstFailedAt(held, now).toString());
    headers.put(Attempts.LAST_FAILED_AT, now.toString());
    headers.put(Attempts.ORIGINAL_EXCHANGE, Attempts.originalExchange(held));
    headers.put(Attempts.ORIGINAL_ROUTING_KEY, Attempts.originalRoutingKey(held));
    return headers;
  }

  /** As it was, but: a user id or an expiration of its own would undo the detour. */
  private static AMQP.BasicProperties properties(Held held, Map<String, Object> headers) {
    String id = held.properties().getMessageId();
    return held.properties()
        .builder()
        .headers(headers)
        .messageId(id != null ? id : UUID.randomUUID().toString())
        .deliveryMode(Publisher.PERSISTENT)
        .userId(null)
        .expiration(null)
        .build();
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
  }

  /**
   * Publishes it.
   *
   * @param confirmed is told on a worker thread whether it is safe there
   * @param impossible is called instead if AMQP cannot carry it with its new headers
   */
  void send(Detour detour, Consumer<Boolean> confirmed, Runnable impossible) {
    Publisher relay = messaging.relay(detour.exchange());
    try {
      relay
          .publish(detour.routingKey(), detour.properties(), detour.held().body())
          .whenComplete(
              (outcome, failure) -> {
                boolean safe = outcome != null && outcome.isConfirmed();
                if (!safe) {
                  log.warn(
                      "consumer of {}: message {} did not reach '{}' with key '{}' ({}); it stays",
                      queue,
                      detour.properties().getMessageId(),
                      detour.exchange(),
                      detour.routingKey(),
                      outcome != null ? outcome : failure);
                }
                confirmed.accept(safe);
              });
    } catch (IllegalArgumentException e) {
      log.error(
          "consumer of {}: message {} cannot carry its history; the broker dead-letters it bare",
          queue,
          detour.properties().getMessageId(),
          e);
      impossible.run();
    }
  }
}
