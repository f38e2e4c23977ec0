// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The kind and the limits of one queue; used inside {@link Topology.Builder#queue}. Not
 * thread-safe.
 */
public final class QueueOptions {
  private static final String TYPE = "x-queue-type";
  private static final String DELIVERY_LIMIT = "x-delivery-limit";
  private static final String MAX_AGE = "x-max-age";
  private static final String DEAD_LETTER_EXCHANGE = "x-dead-letter-exchange";
  private static final String EXPIRES = "x-expires";

  private final String queue;
  private final Map<String, Object> arguments = new TreeMap<>();

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
   * A queue on one node: for what one instance reads.
   *
   * @return this
   */
  public QueueOptions classic() {
    arguments.put(TYPE, "classic");
    return this;
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
    arguments.put(
        DELIVERY_LIMIT,
        Bounds.number("queue " + queue + ": deliveryLimit", attempts, 1, Integer.MAX_VALUE));
    return this;
  }

  /**
   * Where messages go that were refused, or delivered in vain too often. Not for streams.
   *
   * @param deadLetterQueue a queue, reached through the default exchange; default: they are dropped
   * @return this
   */
  public QueueOptions deadLetterTo(String deadLetterQueue) {
    arguments.put(DEAD_LETTER_EXCHANGE, "");
    arguments.put(
        "x-dead-letter-routing-key", Objects.requireNonNull(deadLetterQueue, "deadLetterQueue"));
    return this;
  }

  /**
   * Deletes the queue, with what is in it, when nobody has consumed it for this long. Not for
   * streams.
   *
   * @param unused whole milliseconds, 1 ms to 30 days; default never
   * @return this
   */
  public QueueOptions expiresAfter(Duration unused) {
    String option = "queue " + queue + ": expiresAfter";
    arguments.put(EXPIRES, Bounds.duration(option, unused, Duration.ofDays(30)).toMillis());
    return this;
  }

  /**
   * How long a stream keeps messages at least. Streams only.
   *
   * @param age whole seconds, 1 s to 3650 days; default forever
   * @return this
   */
  public QueueOptions maxAge(Duration age) {
    String option = "queue " + queue + ": maxAge";
    long seconds = Bounds.duration(option, age, Duration.ofDays(3650)).toSeconds();
    arguments.put(MAX_AGE, Bounds.number(option + " in seconds", seconds, 1, Long.MAX_VALUE) + "s");
    return this;
  }

  /**
   * Delivers to one consumer at a time, the next one taking over: what order across instances
   * needs. Not for streams.
   *
   * @return this
   */
  public QueueOptions singleActiveConsumer() {
    arguments.put("x-single-active-consumer", true);
    return this;
  }

  Map<String, Object> arguments() {
    String type = String.valueOf(arguments.get(TYPE));
    require(DELIVERY_LIMIT, "deliveryLimit", type, "quorum");
    require(MAX_AGE, "maxAge", type, "stream");
    if (type.equals("stream")) {
      for (String refused :
          new String[] {DEAD_LETTER_EXCHANGE, EXPIRES, "x-single-active-consumer"}) {
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
