// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.io.IOException;

/** One way to consume: manual acks, written together, at most a quarter of the prefetch at once. */
interface ConsumeArm extends AutoCloseable {
  /** How many deliveries may be unacked. */
  int PREFETCH = 1000;

  String name();

  /** Consumes what lies in a queue, and returns when the last ack is written. */
  void consume(Drain drain) throws Exception;

  @Override
  void close() throws IOException;
}
