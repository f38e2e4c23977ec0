// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.util.List;

/** Who is compared with whom. */
final class Arms {
  /** The body of which it is asked how much heap it takes. */
  private static final int LARGE = 64 * 1024;

  private static final String IN_ORDER = "at least once, in order through failure";
  static final String ONCE = "effectively once, in order through failure";
  private static final String FAILURE_FREE = "at least once, restarted by hand";

  private static final List<Arm> TO_RABBIT =
      List.of(
          new Arm("raw", FAILURE_FREE, Arm.Kind.RAW, RawToRabbit::new),
          new Arm("ours", IN_ORDER, Arm.Kind.OURS, FabricArm::atLeastOnce),
          new Arm("rawAgain", FAILURE_FREE, Arm.Kind.RAW_AGAIN, RawToRabbit::new),
          new Arm("oursIn128m", IN_ORDER, Arm.Kind.SMALL_HEAP, SmallHeap::atLeastOnce));

  private static final List<Arm> TO_KAFKA =
      List.of(
          new Arm("raw", FAILURE_FREE, Arm.Kind.RAW, RawToKafka::new),
          new Arm("ours", IN_ORDER, Arm.Kind.OURS, FabricArm::atLeastOnce),
          new Arm("oursOnce", ONCE, Arm.Kind.ONCE, FabricArm::effectivelyOnce),
          new Arm("rawAgain", FAILURE_FREE, Arm.Kind.RAW_AGAIN, RawToKafka::new),
          new Arm("oursIn128m", IN_ORDER, Arm.Kind.SMALL_HEAP, SmallHeap::atLeastOnce),
          new Arm("oursOnceIn128m", ONCE, Arm.Kind.SMALL_HEAP, SmallHeap::effectivelyOnce));

  private Arms() {}

  static List<Arm> of(Cell cell) {
    return (cell.toRabbit() ? TO_RABBIT : TO_KAFKA)
        .stream()
            .filter(arm -> arm.kind() != Arm.Kind.SMALL_HEAP || cell.bytes() == LARGE)
            .toList();
  }
}
