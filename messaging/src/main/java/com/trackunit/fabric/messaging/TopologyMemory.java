// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.Connection;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What was applied, and how it is applied again. Thread-safe. */
final class TopologyMemory {
  private static final String OPERATION = "apply topology again";

  private final Supplier<Topology> applied;
  private final Consumer<String> gap;

  /**
   * A memory.
   *
   * @param gap is told of each queue that was missing and was declared again
   */
  TopologyMemory(Supplier<Topology> applied, Consumer<String> gap) {
    this.applied = applied;
    this.gap = gap;
  }

  /** On a new connection. */
  void declareAgain(Connection connection) {
    new Declarations(OPERATION, connection).declareAgain(applied.get(), gap);
  }

  /** A queue that was applied, or null. */
  Topology.@Nullable Queue known(String queue) {
    return applied.get().queues().get(queue);
  }

  /** When a consumer has found its queue missing. */
  void recreate(String queue, Connection connection) {
    Topology.Queue known = known(queue);
    if (known != null && known.isRecreated()) {
      new Declarations(OPERATION, connection).declareAgain(applied.get().around(known), gap);
    }
  }
}
