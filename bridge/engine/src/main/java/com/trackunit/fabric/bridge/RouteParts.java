// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a {@link Route} is made of; changed only while the route is being made. */
final class RouteParts {
  final boolean isFromQueue;
  final String source;
  final List<String> topics;
  final @Nullable Pattern pattern;
  final String target;

  String name;
  int inFlightCount = Route.DEFAULT_IN_FLIGHT_COUNT;
  long inFlightBytes = Route.DEFAULT_IN_FLIGHT_BYTES;
  ErrorPolicy errorPolicy = ErrorPolicy.stop();
  Predicate<MessageView> filter = message -> true;
  @Nullable Function<MessageView, @Nullable String> keyFunction;
  int maxHops = Route.DEFAULT_MAX_HOPS;
  boolean cloudEvents;
  int concurrency = 1;
  StartPosition startPosition = new StartPosition.Earliest();
  Route.@Nullable MissingIds effectivelyOnce;

  private RouteParts(
      boolean isFromQueue,
      String source,
      List<String> topics,
      @Nullable Pattern pattern,
      String target) {
    this.isFromQueue = isFromQueue;
    this.source = source;
    this.topics = topics;
    this.pattern = pattern;
    this.target = target;
    this.name = source + "-to-" + target;
  }

  static RouteParts toExchange(
      String source, List<String> topics, @Nullable Pattern pattern, String exchange) {
    return new RouteParts(false, source, topics, pattern, exchange);
  }

  static RouteParts toTopic(String queue, String topic) {
    return new RouteParts(true, queue, List.of(), null, topic);
  }

  RouteParts copy() {
    RouteParts copy = new RouteParts(isFromQueue, source, topics, pattern, target);
    copy.name = name;
    copy.inFlightCount = inFlightCount;
    copy.inFlightBytes = inFlightBytes;
    copy.errorPolicy = errorPolicy;
    copy.filter = filter;
    copy.keyFunction = keyFunction;
    copy.maxHops = maxHops;
    copy.cloudEvents = cloudEvents;
    copy.concurrency = concurrency;
    copy.startPosition = startPosition;
    copy.effectivelyOnce = effectivelyOnce;
    return copy;
  }
}
