// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One way through the bridge: from topics to an exchange, in order per partition, or from a queue
 * to a topic, in the order of the queue. Immutable; the methods that change something return a
 * copy.
 *
 * <pre>{@code
 * Route.fromTopic("tu.images.uploaded").toExchange("tu.image.uploaded")
 * Route.fromQueue("bridge.analysis-started").toTopic("tu.analysis.started").effectivelyOnce()
 * }</pre>
 */
public final class Route {
  /** How many messages may be in flight unless said otherwise. */
  public static final int DEFAULT_IN_FLIGHT_COUNT = 1_000;

  /** How many bytes may be in flight unless said otherwise. */
  public static final long DEFAULT_IN_FLIGHT_BYTES = 16L * 1024 * 1024;

  /** Over how many bridges a message may have come unless said otherwise. */
  public static final int DEFAULT_MAX_HOPS = 16;

  /** The largest prefetch of AMQP 0-9-1, and so the largest window. */
  private static final int MAX_PREFETCH = 65_535;

  private static final int MAX_WORKERS = 64;

  /** What becomes of a message without a message id on a route that is effectively once. */
  public enum MissingIds {
    /**
     * It is sent, at least once: after a failure it may arrive twice. The route says so at start.
     */
    PASS,
    /** It is a matter of the {@link ErrorPolicy}. */
    REFUSE
  }

  private final RouteParts parts;

  Route(RouteParts parts) {
    this.parts = parts;
  }

  /**
   * Begins a route at a Kafka topic.
   *
   * @param topic its name
   * @return say where to next
   * @throws IllegalArgumentException if it is blank
   */
  public static FromTopic fromTopic(String topic) {
    return fromTopics(List.of(topic));
  }

  /**
   * Begins a route at several Kafka topics.
   *
   * @param topics their names; at least one
   * @return say where to next
   * @throws IllegalArgumentException if there is none, or one is blank
   */
  public static FromTopic fromTopics(List<String> topics) {
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("route: no topic");
    }
    topics.forEach(topic -> notBlank("topic", topic));
    return new FromTopic(String.join("+", topics), List.copyOf(topics), null);
  }

  /**
   * Begins a route at every Kafka topic whose whole name matches, now or later (a new one is found
   * within 30 seconds).
   *
   * @param pattern of names
   * @return say where to next
   */
  public static FromTopic fromTopics(Pattern pattern) {
    return new FromTopic(pattern.pattern(), List.of(), pattern);
  }

  /**
   * Begins a route at a RabbitMQ queue, which the bridge does not declare. Its order holds only if
   * it is a single-active-consumer queue ({@code x-single-active-consumer}); a quorum queue needs a
   * delivery limit too.
   *
   * @param queue its name
   * @return say where to next
   * @throws IllegalArgumentException if it is blank
   */
  public static FromQueue fromQueue(String queue) {
    return new FromQueue(notBlank("queue", queue));
  }

  /** A route that knows the topics where it begins. */
  public static final class FromTopic {
    private final String source;
    private final List<String> topics;
    private final @Nullable Pattern pattern;

    private FromTopic(String source, List<String> topics, @Nullable Pattern pattern) {
      this.source = source;
      this.topics = topics;
      this.pattern = pattern;
    }

    /**
     * Ends the route at a RabbitMQ exchange, which the bridge does not declare: it is its owner's.
     *
     * @param exchange its name
     * @return the route, named {@code {topic}-to-{exchange}}
     * @throws IllegalArgumentException if it is blank
     */
    public Route toExchange(String exchange) {
      return new Route(
          RouteParts.toExchange(source, topics, pattern, notBlank("exchange", exchange)));
    }
  }

  /** A route that knows the queue where it begins. */
  public static final class FromQueue {
    private final String queue;

    private FromQueue(String queue) {
      this.queue = queue;
    }

    /**
     * Ends the route at a Kafka topic, which the bridge does not create: it is its owner's.
     *
     * @param topic its name
     * @return the route, named {@code {queue}-to-{topic}}
     * @throws IllegalArgumentException if it is blank
     */
    public Route toTopic(String topic) {
      return new Route(RouteParts.toTopic(queue, notBlank("topic", topic)));
    }
  }

  /**
   * The same route under another name. The name is part of the consumer group ({@code {bridge
   * name}.{route name}}) and of the ledger: a route that is renamed starts at the earliest record
   * again, or with an empty ledger.
   *
   * @param value not blank, unlike the names of the bridge's other routes
   * @return a copy
   * @throws IllegalArgumentException if it is blank
   */
  public Route named(String value) {
    return changed(copy -> copy.name = notBlank("name", value));
  }

  /**
   * The same route with another bound on what is sent and not confirmed. A larger one is faster and
   * replays more after a failure. For a route from a queue the count is also its prefetch: that
   * many messages are held in memory, whatever the bytes.
   *
   * @param count messages, 1 to 65,535; {@value #DEFAULT_IN_FLIGHT_COUNT} unless set
   * @param bytes bytes of keys, values and headers, at least 1; 16 MiB unless set; a single message
   *     that is larger passes alone
   * @return a copy
   * @throws IllegalArgumentException if a bound is out of range
   */
  public Route inFlight(int count, long bytes) {
    if (count < 1 || count > MAX_PREFETCH || bytes < 1) {
      throw new IllegalArgumentException(
          "route "
              + name()
              + ": inFlight is "
              + count
              + " messages and "
              + bytes
              + " bytes, expected 1 to "
              + MAX_PREFETCH
              + " messages and at least 1 byte");
    }
    return changed(
        copy -> {
          copy.inFlightCount = count;
          copy.inFlightBytes = bytes;
        });
  }

  /**
   * The same route with one message in flight at a time: then no message overtakes another one
   * under any circumstances, at the price of one round trip each.
   *
   * @return a copy
   */
  public Route strictOrder() {
    return inFlight(1, inFlightBytes());
  }

  /**
   * The same route with several workers in this bridge, each with a consumer of the group, a
   * channel, a thread and a window of its own. The partitions are shared out among them, and each
   * keeps its order. More workers than partitions stand idle.
   *
   * @param workers 1 to 64; 1 unless set
   * @return a copy
   * @throws IllegalArgumentException if it is out of bounds
   * @throws IllegalStateException on a route from a queue, whose order needs a single consumer
   */
  public Route concurrency(int workers) {
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new IllegalArgumentException(
          "route " + name() + ": concurrency is " + workers + ", expected 1 to " + MAX_WORKERS);
    }
    if (isFromQueue() && workers > 1) {
      throw new IllegalStateException(
          "route "
              + name()
              + ": a queue keeps its order only with one consumer; spread the messages over several"
              + " queues, with a route each");
    }
    return changed(copy -> copy.concurrency = workers);
  }

  /**
   * The same route with another way to deal with a message that the other side will not take.
   *
   * @param value {@link ErrorPolicy#stop} unless set
   * @return a copy
   */
  public Route onError(ErrorPolicy value) {
    Objects.requireNonNull(value, "errorPolicy");
    return changed(copy -> copy.errorPolicy = value);
  }

  /**
   * The same route for some messages only; the others are acknowledged and counted.
   *
   * @param wanted true for what is to be sent; see {@link MessageView} for what it may do
   * @return a copy
   */
  public Route filter(Predicate<MessageView> wanted) {
    Objects.requireNonNull(wanted, "wanted");
    return changed(copy -> copy.filter = wanted);
  }

  /**
   * The same route with a key of one's own: the routing key of what goes to an exchange, the Kafka
   * key of what goes to a topic. Unless set, each comes from the other.
   *
   * @param key what it is, or null for none; see {@link MessageView} for what it may do
   * @return a copy
   */
  public Route keyedBy(Function<MessageView, @Nullable String> key) {
    Objects.requireNonNull(key, "key");
    return changed(copy -> copy.keyFunction = key);
  }

  /**
   * The same route with the key from a header.
   *
   * @param header its name; a message without it has no key
   * @return a copy
   * @throws IllegalArgumentException if it is blank
   */
  public Route keyedByHeader(String header) {
    notBlank("header", header);
    return keyedBy(message -> message.header(header).orElse(null));
  }

  /**
   * The same route with another bound on how many bridges a message may have come over. What has
   * come over more, or began at this route's own source, goes round a loop: it is let go and
   * counted as {@link RouteCounter#FILTERED}.
   *
   * @param value at least 1; {@value #DEFAULT_MAX_HOPS} unless set
   * @return a copy
   * @throws IllegalArgumentException if it is less than 1
   */
  public Route maxHops(int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "route " + name() + ": maxHops is " + value + ", expected at least 1");
    }
    return changed(copy -> copy.maxHops = value);
  }

  /**
   * The same route, with the attributes of CloudEvents in binary mode under the name that they have
   * on the other side: {@code ce_id} among Kafka's headers is {@code cloudEvents_id} among AMQP's.
   * Unless set, all headers keep their names.
   *
   * @return a copy
   */
  public Route cloudEvents() {
    return changed(copy -> copy.cloudEvents = true);
  }

  /**
   * The same route, effectively once: what RabbitMQ delivers again after a failure arrives in Kafka
   * no second time, for readers with {@code isolation.level=read_committed}. Messages without an id
   * pass at least once. From a queue to a topic only.
   *
   * @return a copy
   * @throws IllegalStateException on a route to an exchange
   */
  public Route effectivelyOnce() {
    return effectivelyOnce(MissingIds.PASS);
  }

  /**
   * As {@link #effectivelyOnce()}, saying what becomes of messages without an id.
   *
   * @param missingIds pass or refuse
   * @return a copy
   * @throws IllegalStateException on a route to an exchange
   */
  public Route effectivelyOnce(MissingIds missingIds) {
    Objects.requireNonNull(missingIds, "missingIds");
    if (!isFromQueue()) {
      throw new IllegalStateException(
          "route "
              + name()
              + ": RabbitMQ has no transactions with Kafka's offsets, so a route to an exchange is"
              + " at least once; its message ids are the same after a replay, for a consumer that"
              + " deduplicates by them");
    }
    return changed(copy -> copy.effectivelyOnce = missingIds);
  }

  /**
   * The same route under another name, and so under a consumer group of its own, which begins at an
   * offset: a replay, beside whatever else reads the topic.
   *
   * @param name of the new route; once it has committed, it goes on from there
   * @param offset where each partition begins, or the first record behind it that is still there;
   *     at least 0
   * @return a copy
   * @throws IllegalArgumentException if the name is blank or this route's own, or the offset
   *     negative
   * @throws IllegalStateException on a route from a queue, which keeps nothing to replay
   */
  public Route replayFrom(String name, long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException(
          "route " + name() + ": replayFrom offset " + offset + ", expected at least 0");
    }
    return replay(name, new StartPosition.Offset(offset));
  }

  /**
   * As {@link #replayFrom(String, long)}, from a time on: that of the records.
   *
   * @param name of the new route; once it has committed, it goes on from there
   * @param time where each partition begins; behind the last record it is the end
   * @return a copy
   * @throws IllegalArgumentException if the name is blank or this route's own
   * @throws IllegalStateException on a route from a queue, which keeps nothing to replay
   */
  public Route replayFrom(String name, Instant time) {
    return replay(name, new StartPosition.Time(Objects.requireNonNull(time, "time")));
  }

  private Route replay(String name, StartPosition start) {
    if (isFromQueue()) {
      throw new IllegalStateException(
          "route "
              + name()
              + ": a queue keeps no messages to replay; replay the topic they went to");
    }
    if (name.equals(name())) {
      throw new IllegalArgumentException(
          "route " + name() + ": a replay needs a name of its own, or it would move this route");
    }
    return named(name).changed(copy -> copy.startPosition = start);
  }

  private Route changed(java.util.function.Consumer<RouteParts> change) {
    RouteParts copy = parts.copy();
    change.accept(copy);
    return new Route(copy);
  }

  /**
   * Where it begins.
   *
   * @return the topic's or queue's name; several topics joined with {@code +}; or the pattern
   */
  public String source() {
    return parts.source;
  }

  /**
   * Where it ends.
   *
   * @return the exchange's or topic's name
   */
  public String target() {
    return parts.target;
  }

  /**
   * Which way it goes.
   *
   * @return true from a queue to a topic, false from topics to an exchange
   */
  public boolean isFromQueue() {
    return parts.isFromQueue;
  }

  /**
   * What it is called in status, health, logs and the consumer group.
   *
   * @return unique within a bridge
   */
  public String name() {
    return parts.name;
  }

  /**
   * How many messages may be sent and not confirmed.
   *
   * @return at least 1
   */
  public int inFlightCount() {
    return parts.inFlightCount;
  }

  /**
   * How many bytes may be sent and not confirmed.
   *
   * @return at least 1
   */
  public long inFlightBytes() {
    return parts.inFlightBytes;
  }

  /**
   * Whether a redelivery is kept from arriving twice.
   *
   * @return false for at least once
   */
  public boolean isEffectivelyOnce() {
    return parts.effectivelyOnce != null;
  }

  int concurrency() {
    return parts.concurrency;
  }

  boolean translatesCloudEvents() {
    return parts.cloudEvents;
  }

  boolean refusesMissingIds() {
    return parts.effectivelyOnce == MissingIds.REFUSE;
  }

  /** By name; empty if there is a pattern. */
  List<String> topics() {
    return parts.topics;
  }

  @Nullable Pattern topicPattern() {
    return parts.pattern;
  }

  ErrorPolicy errorPolicy() {
    return parts.errorPolicy;
  }

  Predicate<MessageView> filter() {
    return parts.filter;
  }

  @Nullable Function<MessageView, @Nullable String> keyFunction() {
    return parts.keyFunction;
  }

  StartPosition startPosition() {
    return parts.startPosition;
  }

  int maxHops() {
    return parts.maxHops;
  }

  @Override
  public String toString() {
    return "route "
        + name()
        + (isFromQueue() ? " (queue " : " (topic ")
        + source()
        + (isFromQueue() ? " to topic " : " to exchange ")
        + target()
        + ")";
  }

  private static String notBlank(String part, String value) {
    if (Objects.requireNonNull(value, part).isBlank()) {
      throw new IllegalArgumentException("route: " + part + " is blank");
    }
    return value;
  }
}
