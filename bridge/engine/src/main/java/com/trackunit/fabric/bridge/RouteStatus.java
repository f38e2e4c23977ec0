// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.ResourceState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a route is doing, at most a second old. Counts begin at zero when the bridge starts.
 * Immutable.
 */
public final class RouteStatus {
  private final Route route;
  private final ResourceState state;
  private final String detail;
  private final RouteCounts counts;
  private final Map<String, Long> committedOffsets;
  private final @Nullable RouteException lastError;
  private final Flow flow;

  /** How far behind, how old, how fast, and what was found at the start. */
  record Flow(long lag, Duration oldest, double perSecond, List<String> warnings) {
    static final Flow NONE = new Flow(0, Duration.ZERO, 0, List.of());

    Flow {
      warnings = List.copyOf(warnings);
    }

    static Flow of(long lag, Duration oldest) {
      return new Flow(lag, oldest, 0, List.of());
    }

    Flow with(List<String> found) {
      return new Flow(lag, oldest, perSecond, found);
    }

    Flow with(double rate) {
      return new Flow(lag, oldest, rate, warnings);
    }
  }

  RouteStatus(
      Route route,
      ResourceState state,
      String detail,
      RouteCounts counts,
      Map<String, Long> committedOffsets,
      @Nullable RouteException lastError,
      Flow flow) {
    this.flow = flow;
    this.route = route;
    this.state = state;
    this.detail = detail;
    this.counts = counts;
    this.committedOffsets = Map.copyOf(committedOffsets);
    this.lastError = lastError;
  }

  /**
   * The route.
   *
   * @return never null
   */
  public Route route() {
    return route;
  }

  /**
   * OPEN if records move, or would; RECOVERING while anything holds them up.
   *
   * @return never null
   */
  public ResourceState state() {
    return state;
  }

  /**
   * What holds the records up.
   *
   * @return for an operator; {@code ok} if nothing does
   */
  public String detail() {
    return detail;
  }

  /**
   * Records taken from the topic.
   *
   * @return zero or more
   */
  public long polled() {
    return counts.of(RouteCounter.TAKEN);
  }

  /**
   * Messages that RabbitMQ has confirmed.
   *
   * @return zero or more
   */
  public long confirmed() {
    return counts.of(RouteCounter.CONFIRMED);
  }

  /**
   * Messages that came back because no queue takes them, counted each time.
   *
   * @return zero or more
   */
  public long returned() {
    return counts.of(RouteCounter.RETURNED);
  }

  /**
   * Messages that RabbitMQ refused, counted each time.
   *
   * @return zero or more
   */
  public long rejected() {
    return counts.of(RouteCounter.REJECTED);
  }

  /**
   * Messages that were in flight when a channel died, counted each time: they are published again,
   * and may arrive twice.
   *
   * @return zero or more
   */
  public long unknown() {
    return counts.of(RouteCounter.UNKNOWN);
  }

  /**
   * Messages that a later one of their partition was confirmed before, because they were returned
   * or rejected while it was in flight.
   *
   * @return zero or more
   */
  public long overtaken() {
    return counts.of(RouteCounter.OVERTAKEN);
  }

  /**
   * What the route has counted.
   *
   * @param counter of what
   * @return zero or more
   */
  public long count(RouteCounter counter) {
    return counts.of(counter);
  }

  /**
   * Messages published and neither confirmed nor failed.
   *
   * @return zero to the route's bound
   */
  public int inFlight() {
    return counts.inFlight();
  }

  /**
   * Records polled that wait for a place in flight.
   *
   * @return zero or more
   */
  public int waiting() {
    return counts.waiting();
  }

  /**
   * What this instance has committed: by partition ({@code topic-number}) the offset of the next
   * record to read.
   *
   * @return unmodifiable; without the partitions for which nothing has been committed yet
   */
  public Map<String, Long> committedOffsets() {
    return committedOffsets;
  }

  /**
   * How many messages are known to be behind: those held here, and for a route from topics those
   * that wait in this instance's partitions, as far as its consumer has heard. How many wait in a
   * queue RabbitMQ's management tells.
   *
   * @return zero or more
   */
  public long lag() {
    return flow.lag();
  }

  /**
   * How long ago the oldest message that is not settled was taken: what keeps the offset, or the
   * ack, from moving.
   *
   * @return zero if there is none
   */
  public Duration oldestAge() {
    return flow.oldest();
  }

  /**
   * How many messages were confirmed or dead-lettered a second, over the last ten to twenty
   * seconds.
   *
   * @return zero or more
   */
  public double perSecond() {
    return flow.perSecond();
  }

  /**
   * What was found at the start that may lose messages one day: no dead-letter exchange, topics
   * that create themselves, a retention nearly over, write caching and their like.
   *
   * @return for an operator; empty if nothing was found, or not yet
   */
  public List<String> warnings() {
    return flow.warnings();
  }

  /**
   * The last thing that went wrong with a message or a partition, mended or not.
   *
   * @return empty if nothing did
   */
  public Optional<RouteException> lastError() {
    return Optional.ofNullable(lastError);
  }

  @Override
  public String toString() {
    return route.name() + " " + state + " (" + detail + ") " + counts;
  }
}
