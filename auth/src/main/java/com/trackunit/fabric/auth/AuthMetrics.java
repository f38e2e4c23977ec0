// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The meters of one validator: made once, so that counting costs no look-up. No token, claim or
 * tenant is a tag. Thread-safe.
 */
final class AuthMetrics implements AutoCloseable {
  private static final String VALIDATIONS = "fabric.auth.validations";
  private static final String CACHE = "fabric.auth.cache";
  private static final String REFRESHES = "fabric.auth.key.refreshes";
  private static final String KEYS = "fabric.auth.keys";
  private static final String OUTCOME = "outcome";

  private final MeterRegistry registry;
  private final List<Meter> gauges = new ArrayList<>();
  private final Counter accepted;
  private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
  private final Counter hits;
  private final Counter misses;
  private final Counter refreshed;
  private final Counter refreshFailed;

  AuthMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.accepted = registry.counter(VALIDATIONS, OUTCOME, "accepted");
    for (Reason reason : Reason.values()) {
      refused.put(reason, registry.counter(VALIDATIONS, OUTCOME, reason.code()));
    }
    this.hits = registry.counter(CACHE, "result", "hit");
    this.misses = registry.counter(CACHE, "result", "miss");
    this.refreshed = registry.counter(REFRESHES, OUTCOME, "success");
    this.refreshFailed = registry.counter(REFRESHES, OUTCOME, "failure");
  }

  /** Shows the number and the age of keys, if no other validator does so in this registry. */
  void observe(Supplier<KeyStatus> status) {
    if (registry.find(KEYS).gauge() != null) {
      return; // another validator's, which would go along with this one
    }
    gauges.add(
        Gauge.builder(KEYS, status, it -> it.get().keys())
            .description("Signing keys that can verify tokens now")
            .strongReference(true)
            .register(registry));
    gauges.add(
        Gauge.builder(
                "fabric.auth.key.age",
                status,
                it -> it.get().age().map(Duration::toMillis).orElse(0L) / 1000.0)
            .description("Time since the signing keys were fetched; 0 if they never were")
            .baseUnit("seconds")
            .strongReference(true)
            .register(registry));
  }

  void accepted() {
    accepted.increment();
  }

  void refused(Reason reason) {
    Counter counter = refused.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  void cache(boolean isHit) {
    (isHit ? hits : misses).increment();
  }

  void refresh(boolean hasSucceeded) {
    (hasSucceeded ? refreshed : refreshFailed).increment();
  }

  /** Takes the gauges away, which would keep a closed validator alive; counters stay. */
  @Override
  public void close() {
    gauges.forEach(registry::remove);
    gauges.clear();
  }
}
