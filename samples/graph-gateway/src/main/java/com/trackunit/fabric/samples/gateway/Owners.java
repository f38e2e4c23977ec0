// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who owns which object, as far as this replica has heard; bounded by count and age. What was heard
 * first stands: nobody takes over another's upload. Thread-safe.
 */
final class Owners {
  private final int limit;
  private final Duration maxAge;
  private final Clock clock;
  private final Map<String, Ownership> byKey = new LinkedHashMap<>();

  Owners(int limit, Duration maxAge, Clock clock) {
    this.limit = limit;
    this.maxAge = maxAge;
    this.clock = clock;
  }

  synchronized void add(Ownership told) {
    if (isOver(told)) {
      return;
    }
    byKey.putIfAbsent(told.objectKey(), told);
    Iterator<Ownership> eldest = byKey.values().iterator();
    while (eldest.hasNext() && (isOver(eldest.next()) || byKey.size() > limit)) {
      eldest.remove();
    }
  }

  synchronized Optional<Ownership> of(String objectKey) {
    return Optional.ofNullable(byKey.get(objectKey)).filter(known -> !isOver(known));
  }

  synchronized int size() {
    return byKey.size();
  }

  private boolean isOver(Ownership known) {
    return known.at().isBefore(clock.instant().minus(maxAge));
  }
}
