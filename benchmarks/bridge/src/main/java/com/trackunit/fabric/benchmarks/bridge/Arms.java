// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.nio.file.Path;
import java.util.List;

/** Who is compared with whom; holds the peers' processes. */
final class Arms implements AutoCloseable {
  static final String ONCE = "effectively once, in order through failure";

  /** The end of the guarantee of what does not recover by itself. */
  static final String BY_HAND = "restarted by hand";

  /** The body of which it is asked how much heap it takes. */
  private static final int LARGE = 64 * 1024;

  private static final String IN_ORDER = "at least once, in order through failure";
  private static final String FAILURE_FREE = "at least once, " + BY_HAND;
  private static final Path HERE = Path.of("benchmarks", "bridge");
  private static final String PACKAGE = "com.trackunit.fabric.benchmarks.bridge.";

  private final PeerProcess spring =
      new PeerProcess(HERE.resolve("spring"), PACKAGE + "spring.SpringPeer");
  private final PeerProcess camel =
      new PeerProcess(HERE.resolve("camel"), PACKAGE + "camel.CamelPeer");
  private final ConnectWorker connect = new ConnectWorker(HERE.resolve("connect"));

  private final List<Arm> toRabbit =
      List.of(
          new Arm("raw", FAILURE_FREE, Arm.Kind.RAW, RawToRabbit::new),
          new Arm("ours", IN_ORDER, Arm.Kind.OURS, FabricArm::atLeastOnce),
          new Arm("rawAgain", FAILURE_FREE, Arm.Kind.RAW_AGAIN, RawToRabbit::new),
          new Arm("spring", "at least once, a batch again", Arm.Kind.PEER, spring),
          new Arm("camel", "at least once, a confirm at a time", Arm.Kind.PEER, camel),
          new Arm("connect", "at most once, transient, " + BY_HAND, Arm.Kind.LOSING_PEER, connect),
          new Arm("oursIn128m", IN_ORDER, Arm.Kind.SMALL_HEAP, SmallHeap::atLeastOnce));

  private final List<Arm> toKafka =
      List.of(
          new Arm("raw", FAILURE_FREE, Arm.Kind.RAW, RawToKafka::new),
          new Arm("ours", IN_ORDER, Arm.Kind.OURS, FabricArm::atLeastOnce),
          new Arm("oursOnce", ONCE, Arm.Kind.ONCE, FabricArm::effectivelyOnce),
          new Arm("rawAgain", FAILURE_FREE, Arm.Kind.RAW_AGAIN, RawToKafka::new),
          new Arm("spring", "at least once", Arm.Kind.PEER, spring),
          new Arm("camel", "at least once, acked by hand", Arm.Kind.PEER, camel),
          new Arm(
              "connect", "at least once, no bound in memory, " + BY_HAND, Arm.Kind.PEER, connect),
          new Arm("oursIn128m", IN_ORDER, Arm.Kind.SMALL_HEAP, SmallHeap::atLeastOnce),
          new Arm("oursOnceIn128m", ONCE, Arm.Kind.SMALL_HEAP, SmallHeap::effectivelyOnce));

  List<Arm> of(Cell cell) {
    return (cell.toRabbit() ? toRabbit : toKafka)
        .stream()
            .filter(arm -> arm.kind() != Arm.Kind.SMALL_HEAP || cell.bytes() == LARGE)
            .toList();
  }

  @Override
  public void close() {
    spring.close();
    camel.close();
    connect.close();
  }
}
