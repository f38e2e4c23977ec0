// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.messaging.RabbitMessaging;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What would lose messages of a route, looked for on the RabbitMQ side before it starts. */
final class StartupChecks {
  /**
   * What was found.
   *
   * @param refusal why the route must not run, or null
   * @param warnings what may lose messages one day
   */
  record Findings(@Nullable RouteException refusal, List<String> warnings) {
    Findings {
      warnings = List.copyOf(warnings);
    }
  }

  private StartupChecks() {}

  /**
   * Looks at the route's own queue. Blocking.
   *
   * @return with a refusal if it is missing, or of no use for what the route promises
   * @throws FabricException if RabbitMQ is away
   */
  static Findings ofQueue(Route route, RabbitMessaging rabbit) {
    Optional<Map<String, Object>> arguments = QueueInspection.arguments(rabbit, route.source());
    return arguments.isEmpty()
        ? new Findings(
            null,
            List.of(
                "queue '"
                    + route.source()
                    + "' is not there, or its definition cannot be read: what would lose messages"
                    + " was not looked for"))
        : ofQueue(route, arguments.get());
  }

  static Findings ofQueue(Route route, Map<String, Object> arguments) {
    List<String> warnings = new ArrayList<>();
    String queue = "queue '" + route.source() + "'";
    boolean isQuorum = "quorum".equals(arguments.get("x-queue-type"));
    boolean isSingle = Boolean.TRUE.equals(arguments.get("x-single-active-consumer"));
    RouteException refusal = null;
    if (!isSingle && route.isEffectivelyOnce()) {
      refusal =
          new RouteException(
              RouteException.Kind.UNSUITABLE,
              route
                  + ": effectively once was asked for, but "
                  + queue
                  + " has no x-single-active-consumer, expected true: two instances would both send"
                  + " its messages. Declare it again with it; the route looks every 10 s",
              null);
    } else if (!isSingle) {
      warnings.add(queue + " has no x-single-active-consumer: a second consumer breaks the order");
    }
    if (!arguments.containsKey("x-dead-letter-exchange")) {
      warnings.add(
          queue
              + " has no dead-letter exchange: what exceeds its delivery limit, its length or its"
              + " age is dropped");
    }
    if (isQuorum && !arguments.containsKey("x-delivery-limit")) {
      warnings.add(
          queue + " has no x-delivery-limit: from RabbitMQ 4.0 it is 20, before there is none");
    }
    if (route.errorPolicy().action() == ErrorPolicy.Action.SKIP) {
      warnings.add("the error policy skips: what Kafka does not take is lost");
    }
    return new Findings(refusal, warnings);
  }
}
