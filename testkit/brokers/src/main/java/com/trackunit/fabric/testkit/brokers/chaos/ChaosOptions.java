// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a person may choose of a run.
 *
 * @param time how long to inflict faults
 * @param seed of the schedule
 * @param kinds which faults; empty for all
 */
public record ChaosOptions(Duration time, long seed, Set<String> kinds) {
  /** Keeps a copy. */
  public ChaosOptions {
    kinds = Set.copyOf(kinds);
  }

  /**
   * Reads {@code --seconds N --seed S --faults KIND,KIND...}, each with a default.
   *
   * @param arguments names and values
   * @param time if {@code --seconds} is not there
   * @param known the kinds that the run has
   * @return what they say, with seed 1 and all kinds unless they say otherwise
   * @throws IllegalArgumentException if they cannot be read, or a kind is not known; says which are
   */
  static ChaosOptions parse(String[] arguments, Duration time, Collection<String> known) {
    long seconds = time.toSeconds();
    long seed = 1;
    Set<String> kinds = new LinkedHashSet<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " without a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--seconds" -> seconds = number("--seconds", value);
        case "--seed" -> seed = number("--seed", value);
        case "--faults" -> kinds.addAll(List.of(value.split(",", -1)));
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    if (seconds < 1) {
      throw new IllegalArgumentException("--seconds is " + seconds + ", expected at least 1");
    }
    for (String kind : kinds) {
      if (!known.contains(kind)) {
        throw new IllegalArgumentException(
            "--faults names '" + kind + "', expected some of " + String.join(",", known));
      }
    }
    return new ChaosOptions(Duration.ofSeconds(seconds), seed, kinds);
  }

  private static long number(String option, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " is '" + value + "', expected a number", e);
    }
  }
}
