// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.channel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a supervised channel is for: publishing with confirms on the publishing connection (and, for
 * requests, taking the replies there), or consuming one queue with manual acks on the consuming
 * one. Immutable.
 */
public final class ChannelSpec {
  /** The largest prefetch that AMQP 0-9-1 can say. */
  public static final int MAX_PREFETCH = 65_535;

  private final String name;
  private final @Nullable String queue;
  private final int prefetch;
  private final boolean takesReplies;
  private final Supplier<Map<String, Object>> arguments;

  private ChannelSpec(
      String name,
      @Nullable String queue,
      int prefetch,
      boolean takesReplies,
      Supplier<Map<String, Object>> arguments) {
    this.name = Objects.requireNonNull(name, "name");
    this.queue = queue;
    this.prefetch = prefetch;
    this.takesReplies = takesReplies;
    this.arguments = arguments;
  }

  /**
   * A channel in confirm mode.
   *
   * @param name for logs, states and health
   * @return the spec
   */
  public static ChannelSpec publishing(String name) {
    return new ChannelSpec(name, null, 0, false, Map::of);
  }

  /**
   * A channel in confirm mode that also consumes RabbitMQ's direct reply-to, with the automatic
   * acks that this demands. Replies are told as deliveries; they cannot be settled.
   *
   * @param name for logs, states and health
   * @return the spec
   */
  public static ChannelSpec requesting(String name) {
    return new ChannelSpec(name, null, 0, true, Map::of);
  }

  /**
   * A channel with one consumer, manual acks and a fixed prefetch.
   *
   * @param name for logs, states and health
   * @param queue the queue to consume
   * @param prefetch how many unsettled deliveries the broker may send ahead, 1 to {@value
   *     #MAX_PREFETCH}
   * @param arguments of {@code basic.consume}, such as {@code x-stream-offset}; may be empty
   * @return the spec
   * @throws IllegalArgumentException if the prefetch is out of bounds
   */
  public static ChannelSpec consuming(
      String name, String queue, int prefetch, Map<String, Object> arguments) {
    Map<String, Object> copy = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    return consuming(name, queue, prefetch, () -> copy);
  }

  /**
   * As the other one, with arguments that may change from epoch to epoch, such as the offset where
   * a stream is to go on.
   *
   * @param name for logs, states and health
   * @param queue the queue to consume
   * @param prefetch 1 to {@value #MAX_PREFETCH}
   * @param arguments asked once for each epoch; must not block
   * @return the spec
   * @throws IllegalArgumentException if the prefetch is out of bounds
   */
  public static ChannelSpec consuming(
      String name, String queue, int prefetch, Supplier<Map<String, Object>> arguments) {
    if (prefetch < 1 || prefetch > MAX_PREFETCH) {
      throw new IllegalArgumentException(
          "consumer of "
              + queue
              + ": prefetch is "
              + prefetch
              + ", expected 1 to "
              + MAX_PREFETCH
              + " (without a bound a slow handler stalls the connection)");
    }
    return new ChannelSpec(
        name,
        Objects.requireNonNull(queue, "queue"),
        prefetch,
        false,
        Objects.requireNonNull(arguments, "arguments"));
  }

  /**
   * What it is called in logs, states and health.
   *
   * @return never null
   */
  public String name() {
    return name;
  }

  /**
   * The queue it consumes.
   *
   * @return null for a publishing channel
   */
  public @Nullable String queue() {
    return queue;
  }

  /**
   * How many unsettled deliveries the broker may send ahead.
   *
   * @return 0 for a publishing channel
   */
  public int prefetch() {
    return prefetch;
  }

  /**
   * Whether replies to direct reply-to arrive on it.
   *
   * @return true for a requesting channel only
   */
  public boolean takesReplies() {
    return takesReplies;
  }

  /**
   * The arguments of {@code basic.consume} for the epoch that opens now.
   *
   * @return empty for a publishing channel
   */
  public Map<String, Object> arguments() {
    return arguments.get();
  }

  @Override
  public String toString() {
    return queue == null
        ? "publishing channel '" + name + "'"
        : "consuming channel '" + name + "' of queue '" + queue + "', prefetch " + prefetch;
  }
}
