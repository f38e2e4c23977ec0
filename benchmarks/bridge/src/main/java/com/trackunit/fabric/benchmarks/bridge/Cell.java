// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One setting in which all arms are compared.
 *
 * @param toRabbit from a topic to a queue; else from a queue to a topic
 * @param bytes of a body
 * @param partitions of the topic
 * @param queueType classic or quorum
 */
public record Cell(boolean toRabbit, int bytes, int partitions, String queueType) {
  /** What may be in flight, in bytes: the engine's default. */
  public static final int WINDOW_BYTES = 16 * 1024 * 1024;

  private static final int WINDOW = 1000;
  private static final int[] BODIES = {100, 1024, 64 * 1024};

  /** Of both directions, the ones whose name contains a text. */
  static List<Cell> containing(String text) {
    List<Cell> all = new ArrayList<>();
    for (boolean toRabbit : new boolean[] {true, false}) {
      for (int bytes : BODIES) {
        for (int partitions : new int[] {1, 8}) {
          for (String queueType : List.of("classic", "quorum")) {
            Cell cell = new Cell(toRabbit, bytes, partitions, queueType);
            if (cell.toString().contains(text)) {
              all.add(cell);
            }
          }
        }
      }
    }
    return all;
  }

  /** How many messages may be in flight; from a queue it is the prefetch. */
  public int window() {
    return Math.min(WINDOW, WINDOW_BYTES / bytes);
  }

  /** The beginning of this direction's ratios. */
  String direction() {
    return toRabbit ? "kafka_to_rabbit" : "rabbit_to_kafka";
  }

  @Override
  public String toString() {
    String size = bytes < 1024 ? bytes + "B" : String.format(Locale.ROOT, "%dKiB", bytes / 1024);
    return direction() + "/" + size + "/" + partitions + "p/" + queueType;
  }
}
