// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Objects;

/**
 * One way through the bridge: from a topic to an exchange, at least once, in order per partition.
 * Immutable; the methods that change something return a copy.
 */
public final class Route {
  /** How many messages may be in flight unless said otherwise. */
  public static final int DEFAULT_IN_FLIGHT_COUNT = 1_000;

  /** How many bytes may be in flight unless said otherwise. */
  public static final long DEFAULT_IN_FLIGHT_BYTES = 16L * 1024 * 1024;

  private final String topic;
  private final String exchange;
  private final String name;
  private final int inFlightCount;
  private final long inFlightBytes;

  private Route(String topic, String exchange, String name, int inFlightCount, long inFlightBytes) {
    this.topic = topic;
    this.exchange = exchange;
    this.name = name;
    this.inFlightCount = inFlightCount;
    this.inFlightBytes = inFlightBytes;
  }

  /**
   * Begins a route at a Kafka topic.
   *
   * @param topic its name
   * @return say where to next
   * @throws IllegalArgumentException if it is blank
   */
  public static FromTopic fromTopic(String topic) {
    return new FromTopic(notBlank("topic", topic));
  }

  /** A route that knows where it begins. */
  public static final class FromTopic {
    private final String topic;

    private FromTopic(String topic) {
      this.topic = topic;
    }

    /**
     * Ends the route at a RabbitMQ exchange, which the bridge does not declare: it is its owner's.
     *
     * @param exchange its name
     * @return the route, named {@code {topic}-to-{exchange}}
     * @throws IllegalArgumentException if it is blank
     */
    public Route toExchange(String exchange) {
      notBlank("exchange", exchange);
      return new Route(
          topic,
          exchange,
          topic + "-to-" + exchange,
          DEFAULT_IN_FLIGHT_COUNT,
          DEFAULT_IN_FLIGHT_BYTES);
    }
  }

  /**
   * The same route under another name. The name is part of the consumer group ({@code {bridge
   * name}.{route name}}): a route that is renamed starts at the earliest record again.
   *
   * @param value not blank, unlike the names of the bridge's other routes
   * @return a copy
   * @throws IllegalArgumentException if it is blank
   */
  public Route named(String value) {
    return new Route(topic, exchange, notBlank("name", value), inFlightCount, inFlightBytes);
  }

  /**
   * The same route with another bound on what is published and not confirmed. A larger one is
   * faster and replays more after a failure; a count of 1 lets no message overtake another one
   * under any circumstances.
   *
   * @param count messages, at least 1; {@value #DEFAULT_IN_FLIGHT_COUNT} unless set
   * @param bytes bytes of keys, values and headers, at least 1; 16 MiB unless set; a single message
   *     that is larger passes alone
   * @return a copy
   * @throws IllegalArgumentException if a bound is less than 1
   */
  public Route inFlight(int count, long bytes) {
    if (count < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "route "
              + name
              + ": inFlight is "
              + count
              + " messages and "
              + bytes
              + " bytes, expected at least 1 of each");
    }
    return new Route(topic, exchange, name, count, bytes);
  }

  /**
   * Where it begins.
   *
   * @return the topic's name
   */
  public String topic() {
    return topic;
  }

  /**
   * Where it ends.
   *
   * @return the exchange's name
   */
  public String exchange() {
    return exchange;
  }

  /**
   * What it is called in status, health, logs and the consumer group.
   *
   * @return unique within a bridge
   */
  public String name() {
    return name;
  }

  /**
   * How many messages may be published and not confirmed.
   *
   * @return at least 1
   */
  public int inFlightCount() {
    return inFlightCount;
  }

  /**
   * How many bytes may be published and not confirmed.
   *
   * @return at least 1
   */
  public long inFlightBytes() {
    return inFlightBytes;
  }

  @Override
  public String toString() {
    return "route " + name + " (topic " + topic + " to exchange " + exchange + ")";
  }

  private static String notBlank(String part, String value) {
    if (Objects.requireNonNull(value, part).isBlank()) {
      throw new IllegalArgumentException("route: " + part + " is blank");
    }
    return value;
  }
}
