// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.ResourceState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A route's status as meters: {@code fabric.bridge.*} with tags {@code bridge} and {@code route}.
 */
final class RouteMeters {
  private RouteMeters() {}

  static void register(MeterRegistry registry, String bridge, RouteThread route) {
    Tags tags = Tags.of("bridge", bridge, "route", route.route().name());
    for (RouteCounter counter : RouteCounter.values()) {
      FunctionCounter.builder(
              "fabric.bridge.messages", route, thread -> thread.status().count(counter))
          .tags(tags)
          .tag("what", counter.name().toLowerCase(Locale.ROOT))
          .description("Messages by what became of them")
          .register(registry);
    }
    gauge(registry, tags, "in.flight", route, thread -> thread.status().inFlight());
    gauge(registry, tags, "waiting", route, thread -> thread.status().waiting());
    gauge(
        registry,
        tags,
        "up",
        route,
        thread -> thread.lifecycle().state() == ResourceState.OPEN ? 1 : 0);
  }

  private static void gauge(
      MeterRegistry registry,
      Tags tags,
      String name,
      RouteThread route,
      ToDoubleFunction<RouteThread> value) {
    Gauge.builder("fabric.bridge." + name, route, value).tags(tags).register(registry);
  }
}
