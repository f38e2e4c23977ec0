// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.testkit.brokers.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was measured, before anybody judges it. */
final class Findings {
  /** A cell and one of its arms. */
  record Run(Cell cell, Arm arm) {
    @Override
    public String toString() {
      return cell + " " + arm.name();
    }
  }

  final Rates rates = new Rates();

  /** The most that a small heap has held, in MiB; infinite where it was too small. */
  final Map<Run, Double> peaks = new LinkedHashMap<>();

  /** Messages in a transaction, of ours effectively once. */
  final Map<Cell, Double> transactionSizes = new LinkedHashMap<>();

  /** From the sender's schedule to a reader of what is committed, in milliseconds. */
  final Map<Cell, Double> p99Millis = new LinkedHashMap<>();

  /** What the killed broker did to each arm. */
  final Map<Run, Verdict> crashes = new LinkedHashMap<>();

  /** Why an arm has no number. */
  final Map<Run, String> failures = new LinkedHashMap<>();

  /** Whether an arm's promise to lose nothing was broken by the killed broker. */
  boolean hasLost(boolean toRabbit, Arm arm) {
    return crashes.entrySet().stream()
        .anyMatch(
            it ->
                it.getKey().cell().toRabbit() == toRabbit
                    && it.getKey().arm().equals(arm)
                    && it.getValue().lost() > 0);
  }
}
