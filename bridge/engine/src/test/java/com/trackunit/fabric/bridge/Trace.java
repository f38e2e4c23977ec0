// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts what happens in simulated worlds, and writes it down where somebody wants to read it. */
final class Trace {
  private final Map<Happening, Long> counts = new EnumMap<>(Happening.class);
  private final boolean writes;
  private final List<String> lines = new ArrayList<>();

  private Trace(boolean writes) {
    this.writes = writes;
  }

  static Trace counting() {
    return new Trace(false);
  }

  static Trace writing() {
    return new Trace(true);
  }

  void happened(Happening what, Object to) {
    counts.merge(what, 1L, Long::sum);
    if (writes) {
      lines.add(what.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": " + to);
    }
  }

  long count(Happening what) {
    return counts.getOrDefault(what, 0L);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
