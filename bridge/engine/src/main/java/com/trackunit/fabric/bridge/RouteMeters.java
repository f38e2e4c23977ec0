// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.ResourceState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A route's status as meters: {@code fabric.bridge.*} with tags {@code bridge} and {@code route}.
 */
final class RouteMeters {
  private RouteMeters() {}

  static void register(MeterRegistry registry, String bridge, List<RouteThread> workers) {
    Tags tags = Tags.of("bridge", bridge, "route", workers.get(0).route().name());
    for (RouteCounter counter : RouteCounter.values()) {
      FunctionCounter.builder(
              "fabric.bridge.messages",
              workers,
              all -> all.stream().mapToLong(one -> one.status().count(counter)).sum())
          .tags(tags)
          .tag("what", counter.name().toLowerCase(Locale.ROOT))
          .description("Messages by what became of them")
          .register(registry);
    }
    gauge(registry, tags, "in.flight", workers, sum(one -> one.status().inFlight()));
    gauge(registry, tags, "waiting", workers, sum(one -> one.status().waiting()));
    gauge(registry, tags, "lag", workers, sum(one -> one.status().lag()));
    gauge(
        registry,
        tags,
        "oldest.age.seconds",
        workers,
        all ->
            all.stream()
                .mapToDouble(one -> one.status().oldestAge().toMillis() / 1000.0)
                .max()
                .orElse(0));
    gauge(
        registry,
        tags,
        "up",
        workers,
        all -> all.stream().allMatch(one -> one.lifecycle().state() == ResourceState.OPEN) ? 1 : 0);
  }

  private static ToDoubleFunction<List<RouteThread>> sum(ToDoubleFunction<RouteThread> of) {
    return all -> all.stream().mapToDouble(of).sum();
  }

  private static void gauge(
      MeterRegistry registry,
      Tags tags,
      String name,
      List<RouteThread> workers,
      ToDoubleFunction<List<RouteThread>> value) {
    Gauge.builder("fabric.bridge." + name, workers, value).tags(tags).register(registry);
  }
}
