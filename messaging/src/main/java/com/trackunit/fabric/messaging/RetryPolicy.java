// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a consumer does about a failed attempt: how long it waits for the next one, where the
 * message is meanwhile, and how many attempts there are before it is dead-lettered. Immutable.
 */
public final class RetryPolicy {
  /** Where a message waits for its next attempt. */
  enum Place {
    /** With the consumer, keeping its place in the prefetch window and in its lane. */
    CONSUMER,
    /** In a delay queue of the broker. */
    DELAY_QUEUE,
    /** In its own queue, at once. */
    QUEUE
  }

  private static final Duration LONGEST = Duration.ofHours(24);

  private final Duration initial;
  private final Duration limit;
  private final int attempts;
  private final Place place;

  private RetryPolicy(Duration initial, Duration limit, int attempts, Place place) {
    this.initial = initial;
    this.limit = limit;
    this.attempts = attempts;
    this.place = place;
  }

  /**
   * Waits longer each time: doubling, with jitter, up to {@link #limit}. The message waits with the
   * consumer unless {@link #inDelayQueues} is set. After the last attempt it is dead-lettered.
   *
   * @param initial the first wait; more than 0, at most 24 hours
   * @param attempts how many attempts there are in all, the first one included; at least 1
   * @return the policy; its limit is one minute, or {@code initial} if that is longer
   */
  public static RetryPolicy exponential(Duration initial, int attempts) {
    Bounds.duration("retry policy: initial", initial, LONGEST);
    Duration minute = Duration.ofMinutes(1);
    return new RetryPolicy(
        initial,
        initial.compareTo(minute) > 0 ? initial : minute,
        (int) Bounds.number("retry policy: attempts", attempts, 1, Integer.MAX_VALUE),
        Place.CONSUMER);
  }

  /**
   * As {@link #exponential}, without an end: a message that always fails stays where it is. For
   * ordered consumers that would rather stand still than skip a message.
   *
   * @param initial the first wait; more than 0, at most 24 hours
   * @return the policy
   */
  public static RetryPolicy forever(Duration initial) {
    return exponential(initial, Integer.MAX_VALUE);
  }

  /**
   * Gives the message back to its queue after a short wait, for any consumer; the queue's own
   * delivery limit ends it. The default of consumers without order. Refused on ordered ones, as the
   * message loses its place.
   *
   * @return the policy
   */
  public static RetryPolicy requeue() {
    return new RetryPolicy(
        Duration.ofMillis(10), Duration.ofSeconds(1), Integer.MAX_VALUE, Place.QUEUE);
  }

  /**
   * Bounds the wait.
   *
   * @param longest at least the initial wait, at most 24 hours; default one minute
   * @return a copy
   */
  public RetryPolicy limit(Duration longest) {
    Bounds.duration("retry policy: limit", longest, LONGEST);
    if (longest.compareTo(initial) < 0) {
      throw new IllegalArgumentException(
          "retry policy: limit is " + longest + ", expected at least initial (" + initial + ")");
    }
    return new RetryPolicy(initial, longest, attempts, place);
  }

  /**
   * Lets the message wait in queues of the broker instead of with the consumer: it leaves its
   * queue, its place in the prefetch window and its order, and survives a restart. One quorum queue
   * for each step, {@code <queue>.retry.<milliseconds>}, is declared when the consumer starts; a
   * message moves by publish, confirm, ack. Refused on ordered consumers. A policy may have at most
   * 32 steps.
   *
   * @return a copy
   */
  public RetryPolicy inDelayQueues() {
    if (place == Place.QUEUE) {
      throw new IllegalArgumentException(
          "retry policy: requeue() waits in no delay queue; use exponential(...).inDelayQueues()");
    }
    return new RetryPolicy(initial, limit, attempts, Place.DELAY_QUEUE);
  }

  /**
   * Says what follows the last attempt: the dead-letter target of the queue. It is what follows
   * anyway; this is for whoever reads the code.
   *
   * @return this
   */
  public RetryPolicy thenDeadLetter() {
    return this;
  }

  Place place() {
    return place;
  }

  /** Whether the attempt of this number was the last one. */
  boolean isLast(int attempt) {
    return attempt >= attempts;
  }

  /** Whether there is a last attempt at all. */
  boolean ends() {
    return attempts != Integer.MAX_VALUE;
  }

  /** How long to wait after the attempt of this number. */
  Duration delayAfter(int attempt, RandomGenerator random) {
    return Backoff.exponential(initial, limit, random).delay(Math.max(1, attempt));
  }

  /** As {@link #delayAfter}, without jitter. */
  Duration stepAfter(int attempt) {
    int doublings = Math.max(0, attempt - 1);
    boolean beyond = doublings > 40 || initial.multipliedBy(1L << doublings).compareTo(limit) > 0;
    return beyond ? limit : initial.multipliedBy(1L << doublings);
  }

  /** The waits that delay queues are made for, shortest first. */
  List<Duration> steps() {
    List<Duration> steps = new ArrayList<>();
    Duration step = initial;
    while (steps.size() < Math.min(32, attempts) && step.compareTo(limit) < 0) {
      steps.add(step);
      step = step.multipliedBy(2);
    }
    if (steps.isEmpty() || steps.size() < Math.min(32, attempts)) {
      steps.add(limit);
    }
    return steps;
  }

  @Override
  public String toString() {
    return place == Place.QUEUE
        ? "RetryPolicy[requeue]"
        : "RetryPolicy["
            + initial
            + " doubling to "
            + limit
            + ", "
            + (ends() ? attempts + " attempts" : "no last attempt")
            + (place == Place.DELAY_QUEUE ? ", in delay queues" : "")
            + "]";
  }
}
