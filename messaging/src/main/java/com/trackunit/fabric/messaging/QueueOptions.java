// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The kind and the limits of one queue; used inside {@link Topology.Builder#queue}. Options that
 * the kind does not have are refused when the queue is added. Not thread-safe.
 */
public final class QueueOptions {
  private static final String TYPE = "x-queue-type";
  private static final String DELIVERY_LIMIT = "x-delivery-limit";
  private static final String MAX_AGE = "x-max-age";
  private static final String MAX_PRIORITY = "x-max-priority";
  private static final String DEAD_LETTER_EXCHANGE = "x-dead-letter-exchange";
  private static final String DEAD_LETTER_STRATEGY = "x-dead-letter-strategy";
  private static final String OVERFLOW = "x-overflow";
  private static final String EXPIRES = "x-expires";
  private static final String MESSAGE_TTL = "x-message-ttl";
  private static final String MAX_LENGTH = "x-max-length";
  private static final String SINGLE_ACTIVE_CONSUMER = "x-single-active-consumer";
  private static final List<String> NOT_ON_STREAMS =
      List.of(
          DEAD_LETTER_EXCHANGE, EXPIRES, SINGLE_ACTIVE_CONSUMER, MESSAGE_TTL, OVERFLOW, MAX_LENGTH);

  private final String queue;
  private final Map<String, Object> arguments = new TreeMap<>();
  private boolean recreated;

  QueueOptions(String queue) {
    this.queue = queue;
    quorum();
  }

  /**
   * A replicated queue that counts delivery attempts: for shared work. The default.
   *
   * @return this
   */
  public QueueOptions quorum() {
    arguments.put(TYPE, "quorum");
    return this;
  }

  /**
   * A queue on one node.
   *
   * @return this
   */
  public QueueOptions classic() {
    arguments.put(TYPE, "classic");
    return this;
  }

  /**
   * What one replica reads: a durable classic queue, named by the replica, that a cut connection or
   * a restart does not end, and that is deleted when the replica has been away for too long. What
   * was published after that is lost to it: the queue is made anew ({@link #recreated}), and the
   * replica is told ({@link RabbitMessaging#addGapListener}).
   *
   * @param unused when an unconsumed queue is deleted; as {@link #expiresAfter}
   * @return this
   */
  public QueueOptions perReplica(Duration unused) {
    return classic().expiresAfter(unused).recreated();
  }

  /**
   * A log that each consumer reads from an offset of its own ({@code x-stream-offset}).
   *
   * @return this
   */
  public QueueOptions stream() {
    arguments.put(TYPE, "stream");
    return this;
  }

  /**
   * How often a message may be delivered in vain before it is dead-lettered. Quorum queues only.
   *
   * @param attempts at least 1; default: the broker's (none on 3.x, 20 from 4.0)
   * @return this
   */
  public QueueOptions deliveryLimit(int attempts) {
    return number(DELIVERY_LIMIT, "deliveryLimit", attempts, 1, Integer.MAX_VALUE);
  }

  /**
   * Where messages go that were refused, or delivered in vain too often. Not for streams.
   *
   * @param deadLetterQueue a queue, reached through the default exchange; default: they are dropped
   * @return this
   */
  public QueueOptions deadLetterTo(String deadLetterQueue) {
    return deadLetterTo("", deadLetterQueue);
  }

  /**
   * Where messages go that were refused, or delivered in vain too often. Not for streams.
   *
   * @param exchange where they are published
   * @param routingKey with which key
   * @return this
   */
  public QueueOptions deadLetterTo(String exchange, String routingKey) {
    arguments.put(DEAD_LETTER_EXCHANGE, Objects.requireNonNull(exchange, "exchange"));
    arguments.put("x-dead-letter-routing-key", Objects.requireNonNull(routingKey, "routingKey"));
    return this;
  }

  /**
   * Keeps a dead letter until its target has confirmed it; otherwise the broker publishes it once
   * and hopes. Quorum queues only, and a full queue refuses new messages ({@link #rejectWhenFull})
   * instead of dropping old ones.
   *
   * @return this
   */
  public QueueOptions deadLetterAtLeastOnce() {
    arguments.put(DEAD_LETTER_STRATEGY, "at-least-once");
    return rejectWhenFull();
  }

  /**
   * Deletes the queue, with what is in it, when nobody has consumed it for this long. Not for
   * streams.
   *
   * @param unused whole milliseconds, 1 ms to 30 days; default never
   * @return this
   */
  public QueueOptions expiresAfter(Duration unused) {
    String option = option("expiresAfter");
    arguments.put(EXPIRES, Bounds.duration(option, unused, Duration.ofDays(30)).toMillis());
    return this;
  }

  /**
   * How long a message may stay before it is dead-lettered, or dropped. Not for streams.
   *
   * @param age whole milliseconds, 1 ms to 30 days; default forever
   * @return this
   */
  public QueueOptions messageTtl(Duration age) {
    Bounds.duration(option("messageTtl"), age, Duration.ofDays(30));
    return number(MESSAGE_TTL, "messageTtl in milliseconds", age.toMillis(), 1, Long.MAX_VALUE);
  }

  /**
   * How many messages it holds; past that the oldest are dropped or dead-lettered, unless {@link
   * #rejectWhenFull} is set. Not for streams.
   *
   * @param messages at least 1; default no bound
   * @return this
   */
  public QueueOptions maxLength(long messages) {
    return number(MAX_LENGTH, "maxLength", messages, 1, Long.MAX_VALUE);
  }

  /**
   * How many bytes of bodies it holds, as {@link #maxLength}; on a stream the oldest segments go.
   *
   * @param bytes at least 1; default no bound
   * @return this
   */
  public QueueOptions maxBytes(long bytes) {
    return number("x-max-length-bytes", "maxBytes", bytes, 1, Long.MAX_VALUE);
  }

  /**
   * Refuses new messages when full, so that their publisher sees {@link PublishOutcome.Rejected},
   * instead of dropping the oldest. Not for streams.
   *
   * @return this
   */
  public QueueOptions rejectWhenFull() {
    arguments.put(OVERFLOW, "reject-publish");
    return this;
  }

  /**
   * How long a stream keeps messages at least. Streams only.
   *
   * @param age whole seconds, 1 s to 3650 days; default forever
   * @return this
   */
  public QueueOptions maxAge(Duration age) {
    String option = option("maxAge");
    long seconds = Bounds.duration(option, age, Duration.ofDays(3650)).toSeconds();
    arguments.put(MAX_AGE, Bounds.number(option + " in seconds", seconds, 1, Long.MAX_VALUE) + "s");
    return this;
  }

  /**
   * Delivers messages of a higher priority first. Classic queues only.
   *
   * @param levels 1 to 255; default no priorities
   * @return this
   */
  public QueueOptions priorities(int levels) {
    return number(MAX_PRIORITY, "priorities", levels, 1, 255);
  }

  /**
   * Delivers to one consumer at a time, the next one taking over: what order across instances
   * needs. Not for streams.
   *
   * @return this
   */
  public QueueOptions singleActiveConsumer() {
    arguments.put(SINGLE_ACTIVE_CONSUMER, true);
    return this;
  }

  /**
   * Declares the queue again when it is found missing after a reconnection or by its consumer.
   * Without this, a queue that somebody deleted stays deleted until {@link RabbitMessaging#apply}
   * is called: whoever deleted it had a reason.
   *
   * @return this
   */
  public QueueOptions recreated() {
    recreated = true;
    return this;
  }

  /**
   * Any other argument, as the broker's documentation has it.
   *
   * @param name begins with {@code x-}
   * @param value sent as it is
   * @return this
   */
  public QueueOptions argument(String name, Object value) {
    if (!name.startsWith("x-")) {
      throw new IllegalArgumentException(
          option("argument") + " is '" + name + "', expected a name that begins with x-");
    }
    arguments.put(name, Objects.requireNonNull(value, "value"));
    return this;
  }

  private QueueOptions number(String argument, String option, long value, long min, long max) {
    arguments.put(argument, Bounds.number(option(option), value, min, max));
    return this;
  }

  private String option(String option) {
    return "queue " + queue + ": " + option;
  }

  boolean isRecreated() {
    return recreated;
  }

  Map<String, Object> arguments() {
    String type = String.valueOf(arguments.get(TYPE));
    require(DELIVERY_LIMIT, "deliveryLimit", type, "quorum");
    require(DEAD_LETTER_STRATEGY, "deadLetterAtLeastOnce", type, "quorum");
    require(MAX_AGE, "maxAge", type, "stream");
    require(MAX_PRIORITY, "priorities", type, "classic");
    if (arguments.containsKey(DEAD_LETTER_STRATEGY)
        && !(arguments.containsKey(DEAD_LETTER_EXCHANGE)
            && "reject-publish".equals(arguments.get(OVERFLOW)))) {
      throw new IllegalArgumentException(
          option("deadLetterAtLeastOnce") + " needs deadLetterTo and rejectWhenFull");
    }
    if (type.equals("stream")) {
      for (String refused : NOT_ON_STREAMS) {
        if (arguments.containsKey(refused)) {
          throw new IllegalArgumentException(
              "queue " + queue + ": a stream has no " + refused + "; use quorum or classic");
        }
      }
    }
    return Collections.unmodifiableMap(new TreeMap<>(arguments));
  }

  private void require(String argument, String option, String type, String needed) {
    if (arguments.containsKey(argument) && !type.equals(needed)) {
      throw new IllegalArgumentException(
          "queue " + queue + ": " + option + " needs a " + needed + " queue, this one is " + type);
    }
  }
}
